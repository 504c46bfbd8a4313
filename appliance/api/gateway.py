"""The gateway's core: one accepted request becomes one job and one answer.

Nothing here knows a dialect. Dialects call `admit` before they read a body, and `transcribe`
after. A background task keeps the roster fresh, submits again what an emptied Redis forgot,
and ends jobs that no worker will ever take.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from appliance.api.errors import (
    ApiError,
    BusyError,
    ClientGoneError,
    NoWorkersError,
    TimedOutError,
    UnavailableError,
)
from appliance.api.failures import error_from
from appliance.api.jobs import Job, Jobs
from appliance.api.license_gate import LicenseGate
from appliance.api.memory import Holding, MemoryBudget
from appliance.api.metrics import ApiMetrics
from appliance.api.multipart import Upload
from appliance.api.roster import Roster
from appliance.api.settings import ApiSettings
from appliance.api.usage import Tally, UsageMeter
from appliance.leases import Demands
from appliance.logs import event, logger_for, trouble
from appliance.permits import Permits
from appliance.queue import (
    Failure,
    JobNote,
    JobQueue,
    QueueError,
    SpeechRequest,
    Transcript,
)
from appliance.usage_wire import model_id

_LOG = logger_for("api.gateway")
_TICK_S: Final = 1.0
_RETRY_AFTER_S: Final = 5


class Gateway:
    """Holds the jobs, and everything that decides whether there may be one more."""

    def __init__(
        self, settings: ApiSettings, queue: JobQueue, permits: Permits
    ) -> None:
        """Be ready for `run`; nothing is contacted yet."""
        self.settings = settings
        self.permits = permits
        self.license = LicenseGate(permits)
        self.metrics = ApiMetrics()
        self.memory = MemoryBudget(settings.memory_bytes)
        self.jobs = Jobs()
        self.usage = UsageMeter()
        self.roster = Roster(settings.model_aliases)
        self.draining = False
        self._queue = queue

    async def run(self) -> None:
        """Keep watch until canceled."""
        while True:
            await self.tick()
            await asyncio.sleep(_TICK_S)

    async def tick(self) -> None:
        """Look at Redis once, and act on what it says."""
        try:
            if await self._queue.epoch_is_new(self.settings.instance):
                await self._submit_again()
                self.roster.trust_the_past()
            self.roster.update(await self._queue.workers(), await self._queue.depth())
            self.metrics.dead_letters.set(await self._queue.dead())
        except QueueError as error:
            if self.roster.redis_answers:
                trouble(_LOG, "redis.lost", code=error.code, cause=error.evidence)
            self.roster.lose_redis()
        if self.roster.alone_s > self.settings.worker_grace_s:
            self._give_up_waiting()
        self._gauge()

    def admit(self) -> None:
        """Decide, before any audio is read, whether new work may come in.

        Raises:
            ApiError: it may not; the message and Retry-After say why and when.
        """
        if (refusal := self.refusal()) is not None:
            self.license.turn_away(len(self.jobs))
            raise refusal

    def refusal(self) -> ApiError | None:
        """Say why new work may not come in; None when it may. Nobody is counted."""
        retry_after_s = self.roster.retry_after_s()
        if self.draining:
            return UnavailableError("the gateway is stopping", retry_after_s=1)
        licensed = self.license.refusal(len(self.jobs), retry_after_s=retry_after_s)
        if licensed is not None:
            return licensed
        if not self.roster.redis_answers:
            return UnavailableError(
                "the work queue does not answer", retry_after_s=_RETRY_AFTER_S
            )
        if not self.roster.workers:
            return NoWorkersError(
                "no speech worker is alive", retry_after_s=retry_after_s
            )
        if len(self.jobs) >= self.settings.max_jobs:
            return BusyError(
                f"{len(self.jobs)} requests are in flight already",
                retry_after_s=retry_after_s,
            )
        return None

    def ready(self) -> bool:
        """Tell whether requests should be sent here.

        A license never takes a gateway out of service: it is there to say why work is
        refused. Workers that may not work are not missed.
        """
        if self.draining or not self.roster.redis_answers:
            return False
        by_license = self.license.refusal(len(self.jobs), retry_after_s=1)
        return by_license is not None or self.refusal() is None

    def demands(self) -> Demands:
        """Say what is used of the license's limits, and what would be."""
        return self.license.demands(len(self.jobs))

    async def transcribe(
        self,
        request: SpeechRequest,
        upload: Upload,
        holding: Holding,
        *,
        tally: Tally,
        hang_up: Callable[[], Awaitable[object]],
    ) -> Transcript:
        """Have the audio transcribed.

        Args:
            request: what to do; its model may be an alias.
            upload: the audio, which belongs to the job from now on.
            holding: the memory it takes, released when the job ends.
            tally: learns what was used.
            hang_up: returns when the caller has gone.

        Raises:
            ApiError: refused, failed or timed out.
            ClientGoneError: the caller hung up, the work was withdrawn.
        """
        self.admit()
        model = self.roster.resolve(request.model, request.language)
        job = self.jobs.open(replace(request, model=model.name), upload, holding)
        tally.accept(request, model_id(model.name, model.version))
        self._gauge()
        try:
            await self._submit(job)
            transcript = await self._outcome(job, hang_up)
            tally.serve(transcript)
            return transcript
        finally:
            await self._close(job)

    async def _submit(self, job: Job) -> None:
        note = JobNote(
            job_id=job.id,
            gateway_url=self.settings.advertise_url,
            model=job.request.model,
            size_bytes=job.size_bytes,
            submitted_ms=int(time.time() * 1000),
        )
        try:
            job.entries.append(await self._queue.submit(note))
        except QueueError as error:
            raise UnavailableError(
                "the work queue does not answer", retry_after_s=_RETRY_AFTER_S
            ) from error
        event(_LOG, "job.submitted", job=job.id, bytes=job.size_bytes)

    async def _submit_again(self) -> None:
        await self._queue.prepare()
        for job in self.jobs.unfinished():
            if job.entries:
                await self._submit(job)
                self.metrics.resubmitted.inc()

    async def _outcome(
        self, job: Job, hang_up: Callable[[], Awaitable[object]]
    ) -> Transcript:
        """Wait for whichever comes first: the result, the end of patience, the caller."""
        gone = asyncio.ensure_future(hang_up())
        awaited: set[asyncio.Future[Any]] = {job.result, gone}
        try:
            await asyncio.wait(
                awaited,
                timeout=self.settings.request_timeout_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone
        if not job.result.done():
            if gone.cancelled():
                limit = self.settings.request_timeout_s
                raise TimedOutError(f"no result within {limit} s")
            self.metrics.canceled.inc()
            raise ClientGoneError
        return self._read_report(job)

    def _read_report(self, job: Job) -> Transcript:
        report = job.result.result()
        taken_s = time.monotonic() - job.accepted_s
        self.metrics.queue_seconds.observe(taken_s)
        self.roster.note_job(
            report.work.fetch_s + report.work.decode_s + report.work.infer_s
        )
        outcome = report.outcome
        if isinstance(outcome, Failure):
            trouble(_LOG, "job.failed", job=job.id, code=outcome.code)
            raise error_from(outcome)
        self.metrics.audio_seconds.inc(outcome.duration_s)
        event(
            _LOG,
            "job.done",
            job=job.id,
            worker=report.worker,
            tries=job.fence,
            seconds=round(taken_s, 3),
            audio_s=round(outcome.duration_s, 3),
            infer_s=round(report.work.infer_s, 3),
        )
        return outcome

    async def _close(self, job: Job) -> None:
        """Forget the job; withdraw it from the queue when it ended without a result."""
        withdrawn = not job.result.done() or job.result.cancelled()
        failed = job.result.done() and not withdrawn and job.result.exception()
        self.jobs.close(job)
        self._gauge()
        if withdrawn or failed:
            for entry in job.entries:
                with contextlib.suppress(QueueError):
                    await self._queue.finish(entry)

    def _give_up_waiting(self) -> None:
        for job in self.jobs.unfinished():
            job.result.set_exception(
                NoWorkersError(
                    "no speech worker is alive any more",
                    retry_after_s=self.roster.retry_after_s(),
                )
            )

    def _gauge(self) -> None:
        self.metrics.jobs.set(len(self.jobs))
        self.metrics.held_bytes.set(self.memory.used_bytes)
        self.metrics.workers.set(len(self.roster.workers))
        self.metrics.queue_waiting.set(self.roster.depth.waiting)
        self.metrics.allowed.set(self.permits.permission().allowed)
