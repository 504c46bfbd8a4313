"""The worker: its slots, its presence in the queue, and how it ends.

Rules it keeps:

- Nothing is pulled that nobody was permitted to accept; what was accepted is finished.
- A job in work is leased: renewed every few seconds, and dropped when the renewal says that
  it was withdrawn or taken over.
- What fails for now is released at once for another try; after three tries it becomes a dead
  letter and the caller is told.
- When told to stop, it takes nothing new, finishes what it has, and hands back the rest.
"""

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from appliance.asr.attempt import Attempt, Lease
from appliance.asr.errors import GatewayError, JobCanceledError, StalledError
from appliance.asr.gate import PullGate
from appliance.asr.parts import Parts
from appliance.logs import event, logger_for, trouble
from appliance.queue import Delivery, QueueError, WorkerNote, end_tasks

_LOG = logger_for("asr.worker")
_BEAT_S: Final = 3.0
_BEAT_TTL_MS: Final = 15_000
_POLL_MS: Final = 500
_PAUSE_S: Final = 0.5
_GATEWAY_PAUSE_S: Final = 2.0
_LONGEST_RENEWAL_S: Final = 2.0


class Worker:
    """Runs the slots of one worker process."""

    def __init__(self, parts: Parts) -> None:
        """Be ready to `run`; nothing is contacted yet."""
        self._parts = parts
        self._settings = parts.settings
        self._state = parts.state
        self._gate = PullGate(parts.permits)
        self._threads = ThreadPoolExecutor(
            parts.settings.slots, thread_name_prefix="engine"
        )
        self._leases: set[Lease] = set()
        self._stopping = False
        self._abandoned = False
        self._started_ms = int(time.time() * 1000)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, finish what is in hand, and leave.

        What is not finished within the drain time is handed back to the queue.

        Raises:
            StalledError: a model call hangs; only ending the process frees its thread.
        """
        beat = asyncio.create_task(self._keep_announcing())
        slots = [
            asyncio.create_task(self._slot(f"{self._settings.instance}/{number}"))
            for number in range(self._settings.slots)
        ]
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait(
                {stopped, beat, *slots}, return_when=asyncio.FIRST_COMPLETED
            )
            if stopped in done:
                await self._drain(slots)
        finally:
            self._stopping = True
            self._abandon()
            await end_tasks(beat, stopped, *slots)
            self._threads.shutdown(wait=False, cancel_futures=True)
        for task in done:
            task.result()

    async def _drain(self, slots: "list[asyncio.Task[None]]") -> None:
        self._stopping = self._state.draining = True
        event(_LOG, "asr.draining", jobs=len(self._state.beats))
        with contextlib.suppress(QueueError):
            await self._parts.queue.leave(self._settings.instance)
        _, late = await asyncio.wait(slots, timeout=self._settings.drain_s)
        if late:
            self._abandon()
            await asyncio.wait(late, timeout=_BEAT_S)

    def _abandon(self) -> None:
        """Make every model call end at its next look."""
        self._abandoned = True
        for lease in self._leases:
            lease.drop()

    # ------------------------------------------------------------------ presence

    async def _keep_announcing(self) -> None:
        while not self._stopping:
            if self._state.stalled:
                raise StalledError
            await self._announce()
            await asyncio.sleep(_BEAT_S)

    async def _announce(self) -> None:
        """Tell the gateways that we are here, unless we would not take work."""
        try:
            if self._may_look():
                await self._parts.queue.announce(self._note(), ttl_ms=_BEAT_TTL_MS)
            else:
                await self._parts.queue.leave(self._settings.instance)
            self._state.redis_answers = True
        except QueueError as error:
            if self._state.redis_answers:
                trouble(_LOG, "redis.lost", code=error.code, cause=error.evidence)
            self._state.redis_answers = False

    def _may_look(self) -> bool:
        permission = self._gate.look()
        self._state.allowed = permission.allowed
        self._state.reason = permission.reason_code
        self._parts.metrics.allowed.set(permission.allowed)
        return self._gate.open() and not self._stopping

    def _note(self) -> WorkerNote:
        info = self._parts.engine.info
        return WorkerNote(
            worker=self._settings.instance,
            model=info.name,
            model_version=info.version,
            languages=info.languages,
            detects_language=info.detects_language,
            slots=self._settings.slots,
            device=info.device,
            compute_type=info.compute_type,
            started_ms=self._started_ms,
        )

    # ------------------------------------------------------------------ one slot

    async def _slot(self, consumer: str) -> None:
        """Take one job after another; what this consumer held before a crash comes first."""
        queue, resumed = self._parts.queue, False
        while not self._stopping:
            if not self._may_look() or not self._gate.has_room(len(self._leases)):
                await asyncio.sleep(_PAUSE_S)
                continue
            try:
                delivery = None if resumed else await queue.resume(consumer)
                resumed = delivery is None
                delivery = delivery or await self._next(consumer)
                if delivery is None:
                    continue
                if self._may_take(delivery):
                    await self._handle(delivery, consumer)
                else:  # That changed while we waited for the job.
                    await self._hand_back(delivery, consumer, "not_now")
            except QueueError:
                await asyncio.sleep(_PAUSE_S)

    def _may_take(self, delivery: Delivery) -> bool:
        taken = self._gate.may_take(delivery.note.submitted_ms)
        return taken and not self._stopping

    async def _next(self, consumer: str) -> Delivery | None:
        queue = self._parts.queue
        lost = await queue.reclaim(consumer, idle_ms=self._parts.lease_ms)
        return lost or await queue.next(consumer, wait_ms=_POLL_MS)

    async def _handle(self, delivery: Delivery, consumer: str) -> None:
        """Do one delivery under a lease that is renewed meanwhile."""
        lease = Lease(self._parts.queue, delivery, consumer)
        every_s = min(self._settings.lease_s / 3, _LONGEST_RENEWAL_S)
        renewing = asyncio.create_task(lease.renew(every_s))
        self._leases.add(lease)
        self._state.beat(delivery.note.job_id)
        self._parts.metrics.active.inc()
        try:
            outcome = await self._attempt(delivery, lease, consumer)
            self._parts.metrics.jobs.labels(outcome).inc()
        finally:
            lease.drop()
            renewing.cancel()
            self._leases.discard(lease)
            self._state.beats.pop(delivery.note.job_id, None)
            self._parts.metrics.active.dec()

    async def _attempt(self, delivery: Delivery, lease: Lease, consumer: str) -> str:
        """Try once; what may succeed another time is handed back."""
        try:
            return await Attempt(self._parts, delivery, lease, self._threads).run()
        except JobCanceledError:
            if self._abandoned:
                await self._hand_back(delivery, consumer, "drain")
            return "canceled"
        except GatewayError as error:
            await asyncio.sleep(_GATEWAY_PAUSE_S)
            await self._hand_back(delivery, consumer, type(error).__name__)
        except QueueError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the engine raises
            await self._hand_back(delivery, consumer, type(error).__name__)
        return "retry"

    async def _hand_back(self, delivery: Delivery, consumer: str, why: str) -> None:
        trouble(_LOG, "job.released", job=delivery.note.job_id, why=why)
        await self._parts.queue.release(
            delivery.entry, consumer, idle_ms=self._parts.lease_ms
        )
