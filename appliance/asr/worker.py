"""The worker: pull a job, claim it, fetch, decode, transcribe, report, acknowledge.

Rules it keeps:

- Nothing is pulled while the license does not permit work.
- A job in work is leased: renewed every few seconds, and dropped when the renewal says that
  it was withdrawn or taken over.
- What fails for good is reported as a failure. What fails for now is released at once for
  another try; after three tries it becomes a dead letter and the caller is told.
- The queue entry is removed only after the gateway has taken the report.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from appliance.asr.decode import Samples, decode
from appliance.asr.engine import Engine
from appliance.asr.errors import GatewayError, JobCanceledError, JobRefusedError
from appliance.asr.gateway import GatewayClient
from appliance.asr.metrics import AsrMetrics
from appliance.asr.settings import AsrSettings
from appliance.asr.state import WorkerState
from appliance.logs import event, logger_for, trouble
from appliance.permits import Permits
from appliance.queue import (
    Claim,
    Delivery,
    Failure,
    JobQueue,
    QueueError,
    Report,
    Transcript,
    Work,
    WorkerNote,
    end_tasks,
)

_LOG = logger_for("asr.worker")
_MOST_TRIES: Final = 3
_BEAT_S: Final = 3.0
_BEAT_TTL_MS: Final = 10_000
_POLL_MS: Final = 500
_PAUSE_S: Final = 0.5


@dataclass(slots=True)
class Stopwatch:
    """Seconds that a job has spent where."""

    fetch_s: float = 0.0
    decode_s: float = 0.0
    infer_s: float = 0.0

    def work(self) -> Work:
        """Freeze the figures."""
        return Work(self.fetch_s, self.decode_s, self.infer_s)


class Lease:
    """The hold on one delivery; a task renews it, `held` is read from the engine's thread."""

    def __init__(self, queue: JobQueue, delivery: Delivery, consumer: str) -> None:
        """Hold `delivery`."""
        self._queue = queue
        self._entry = delivery.entry
        self._consumer = consumer
        self.held = True

    async def renew(self, every_s: float) -> None:
        """Renew until canceled or lost; a silent Redis is no loss, the fence protects us."""
        while self.held:
            await asyncio.sleep(every_s)
            with contextlib.suppress(QueueError):
                self.held = await self._queue.renew(self._entry, self._consumer)


class Worker:
    """Runs the slots of one worker process."""

    def __init__(  # noqa: PLR0913 - the parts a worker is made of
        self,
        settings: AsrSettings,
        queue: JobQueue,
        gateway: GatewayClient,
        engine: Engine,
        permits: Permits,
        *,
        state: WorkerState,
        metrics: AsrMetrics,
    ) -> None:
        """Bring the parts together; nothing is contacted yet."""
        self._settings = settings
        self._queue = queue
        self._gateway = gateway
        self._engine = engine
        self._permits = permits
        self._state = state
        self._metrics = metrics
        self._threads = ThreadPoolExecutor(settings.slots, thread_name_prefix="engine")
        self._stopping = False
        self._abandoned = False
        self._started_ms = int(time.time() * 1000)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, finish what is in hand, and leave.

        What is not finished within the drain time is handed back to the queue.
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
            await self._drain(slots)
        finally:
            self._stopping = self._abandoned = True
            await end_tasks(beat, stopped, *slots)
            self._threads.shutdown(wait=False, cancel_futures=True)
        for task in done:
            task.result()

    async def _drain(self, slots: "list[asyncio.Task[None]]") -> None:
        self._stopping = self._state.draining = True
        event(_LOG, "asr.draining", jobs=len(self._state.beats))
        with contextlib.suppress(QueueError):
            await self._queue.leave(self._settings.instance)
        _, late = await asyncio.wait(slots, timeout=self._settings.drain_s)
        self._abandoned = True
        if late:
            await asyncio.wait(late, timeout=_BEAT_S)

    # ------------------------------------------------------------------ presence

    async def _keep_announcing(self) -> None:
        while not self._stopping:
            await self._announce()
            await asyncio.sleep(_BEAT_S)

    async def _announce(self) -> None:
        """Tell the gateways that we are here, unless we would not take work."""
        try:
            if self._may_work():
                await self._queue.announce(self._note(), ttl_ms=_BEAT_TTL_MS)
            else:
                await self._queue.leave(self._settings.instance)
            self._state.redis_answers = True
        except QueueError as error:
            if self._state.redis_answers:
                trouble(_LOG, "redis.lost", code=error.code, cause=error.evidence)
            self._state.redis_answers = False

    def _may_work(self) -> bool:
        permission = self._permits.permission()
        self._state.allowed = permission.allowed
        self._state.reason = permission.reason_code
        self._metrics.allowed.set(permission.allowed)
        return permission.allowed and not self._stopping and not self._state.stalled

    def _note(self) -> WorkerNote:
        info = self._engine.info
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
        resumed = False
        while not self._stopping:
            if not self._may_work():
                await asyncio.sleep(_PAUSE_S)
                continue
            try:
                delivery = None if resumed else await self._queue.resume(consumer)
                resumed = delivery is None
                delivery = delivery or await self._next(consumer)
                if delivery is not None and self._stopping:
                    await self._hand_back(delivery, consumer, "drain")
                elif delivery is not None:
                    await self._handle(delivery, consumer)
            except QueueError:
                await asyncio.sleep(_PAUSE_S)

    async def _next(self, consumer: str) -> Delivery | None:
        lost = await self._queue.reclaim(
            consumer, idle_ms=self._settings.lease_s * 1000
        )
        return lost or await self._queue.next(consumer, wait_ms=_POLL_MS)

    async def _handle(self, delivery: Delivery, consumer: str) -> None:
        """Do one delivery under a lease that is renewed meanwhile."""
        lease = Lease(self._queue, delivery, consumer)
        renewing = asyncio.create_task(
            lease.renew(min(self._settings.lease_s / 3, 2.0))
        )
        job_id = delivery.note.job_id
        self._state.beat(job_id)
        self._metrics.active.inc()
        try:
            outcome = await self._attempt(delivery, lease)
        except (GatewayError, RuntimeError, MemoryError, OSError) as error:
            # The engine raises RuntimeError for everything, running out of memory included.
            outcome = "retry"
            await self._hand_back(delivery, consumer, type(error).__name__)
        except JobCanceledError:
            outcome = "canceled"
            if self._abandoned:
                await self._hand_back(delivery, consumer, "drain")
        finally:
            renewing.cancel()
            self._state.beats.pop(job_id, None)
            self._metrics.active.dec()
        self._metrics.jobs.labels(outcome).inc()

    async def _hand_back(self, delivery: Delivery, consumer: str, why: str) -> None:
        trouble(_LOG, "job.released", job=delivery.note.job_id, why=why)
        idle_ms = self._settings.lease_s * 1000
        await self._queue.release(delivery.entry, consumer, idle_ms=idle_ms)

    async def _attempt(self, delivery: Delivery, lease: Lease) -> str:
        """Try a delivery once and say how it ended."""
        note, watch = delivery.note, Stopwatch()
        claim = await self._gateway.claim(note)
        if claim is None:
            await self._queue.finish(delivery.entry)
            return "gone"
        if delivery.tries > _MOST_TRIES:
            return await self._give_up(delivery, claim)
        try:
            transcript = await self._transcribe(delivery, claim, lease, watch)
        except JobRefusedError as refusal:
            failure = Failure(refusal.code, str(refusal))
            report = self._report(claim, watch, failure=failure)
        else:
            report = self._report(claim, watch, transcript=transcript)
        taken = await self._gateway.report(note, report)
        await self._queue.finish(delivery.entry)
        if not taken:
            return "late"
        self._count(note.job_id, report)
        return "failed" if report.failure else "done"

    async def _give_up(self, delivery: Delivery, claim: Claim) -> str:
        failure = Failure("gave_up", f"no result after {_MOST_TRIES} tries")
        report = self._report(claim, Stopwatch(), failure=failure)
        trouble(_LOG, "job.dead", job=delivery.note.job_id, tries=delivery.tries)
        await self._gateway.report(delivery.note, report)
        await self._queue.bury(delivery, reason=failure.code)
        return "dead"

    async def _transcribe(
        self, delivery: Delivery, claim: Claim, lease: Lease, watch: Stopwatch
    ) -> Transcript:
        """Fetch, decode and transcribe; times go to `watch` whatever happens."""
        note, loop = delivery.note, asyncio.get_running_loop()

        def keep_going() -> bool:
            self._state.beat(note.job_id)
            return lease.held and not self._abandoned

        with _timing(watch, "fetch_s"):
            upload = await self._gateway.audio(note, claim)
        if upload is None:
            raise JobCanceledError
        with _timing(watch, "decode_s"):
            samples = await loop.run_in_executor(self._threads, self._decode, upload)
        with _timing(watch, "infer_s"):
            return await loop.run_in_executor(
                self._threads,
                lambda: self._engine.transcribe(
                    samples, claim.request, keep_going=keep_going
                ),
            )

    def _decode(self, upload: bytes) -> Samples:
        return decode(upload, max_s=self._settings.max_audio_s)

    def _report(
        self,
        claim: Claim,
        watch: Stopwatch,
        *,
        transcript: Transcript | None = None,
        failure: Failure | None = None,
    ) -> Report:
        return Report(
            fence=claim.fence,
            worker=self._settings.instance,
            work=watch.work(),
            transcript=transcript,
            failure=failure,
        )

    def _count(self, job_id: str, report: Report) -> None:
        work, transcript = report.work, report.transcript
        self._metrics.decode_seconds.observe(work.decode_s)
        audio_s = transcript.duration_s if transcript else 0.0
        if transcript is not None:
            self._metrics.infer_seconds.observe(work.infer_s)
            self._metrics.audio_seconds.inc(audio_s)
        if audio_s > 0:
            self._metrics.real_time_factor.observe(work.infer_s / audio_s)
        event(
            _LOG,
            "job.done",
            job=job_id,
            code=report.failure.code if report.failure else "ok",
            audio_s=round(audio_s, 3),
            fetch_s=round(work.fetch_s, 4),
            decode_s=round(work.decode_s, 4),
            infer_s=round(work.infer_s, 4),
        )


@contextlib.contextmanager
def _timing(watch: Stopwatch, name: str) -> Iterator[None]:
    started_s = time.monotonic()
    try:
        yield
    finally:
        setattr(watch, name, time.monotonic() - started_s)
