"""One attempt at one job: claim, fetch, decode, transcribe, report, acknowledge.

The queue entry is removed only after the gateway has taken the report. What fails for good
is reported as a failure; whatever else goes wrong is left to the caller, who tries again.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from appliance.asr.decode import Samples, decode
from appliance.asr.errors import GatewayError, JobCanceledError, JobRefusedError
from appliance.asr.parts import Parts
from appliance.logs import event, logger_for, trouble
from appliance.queue import (
    Claim,
    Delivery,
    Failure,
    JobQueue,
    QueueError,
    Report,
    Transcript,
    Work,
)

MOST_TRIES: Final = 3
_LOG = logger_for("asr.jobs")


class Lease:
    """The hold on one delivery; a task renews it, `held` is read from the engine's thread."""

    def __init__(self, queue: JobQueue, delivery: Delivery, consumer: str) -> None:
        """Hold `delivery` for `consumer`."""
        self._queue = queue
        self._entry = delivery.entry
        self._consumer = consumer
        self.held = True

    async def renew(self, every_s: float) -> None:
        """Renew until canceled or lost; a silent Redis is no loss, the fence protects us."""
        while self.held:
            await asyncio.sleep(every_s)
            with contextlib.suppress(QueueError):
                # An answer that crosses `drop` must not bring the lease back to life.
                if not await self._queue.renew(self._entry, self._consumer):
                    self.held = False

    def drop(self) -> None:
        """Stop renewing, and make the engine stop at its next look."""
        self.held = False


@dataclass(slots=True)
class Stopwatch:
    """Seconds that an attempt has spent where."""

    fetch_s: float = 0.0
    decode_s: float = 0.0
    infer_s: float = 0.0

    def work(self) -> Work:
        """Freeze the figures."""
        return Work(self.fetch_s, self.decode_s, self.infer_s)

    @contextlib.contextmanager
    def timing(self, name: str) -> Iterator[None]:
        """Add the time inside to the figure `name`."""
        started_s = time.monotonic()
        try:
            yield
        finally:
            setattr(self, name, getattr(self, name) + time.monotonic() - started_s)


class Attempt:
    """Does one delivery once."""

    def __init__(
        self, parts: Parts, delivery: Delivery, lease: Lease, threads: Executor
    ) -> None:
        """Be ready to `run`."""
        self._parts = parts
        self._delivery = delivery
        self._note = delivery.note
        self._lease = lease
        self._threads = threads
        self._watch = Stopwatch()

    async def run(self) -> str:
        """Do it and say how it ended, in one word for the metrics.

        Raises:
            JobCanceledError: nobody waits for the job, or the lease is lost.
            GatewayError: the gateway does not answer.
            QueueError: the queue does not answer.
            Exception: whatever the engine raises.
        """
        if self._delivery.tries > MOST_TRIES:
            return await self._give_up()
        claim = await self._parts.gateway.claim(self._note)
        if claim is None:
            await self._parts.queue.finish(self._delivery.entry)
            return "gone"
        report = await self._work(claim)
        taken = await self._parts.gateway.report(self._note, report)
        await self._parts.queue.finish(self._delivery.entry)
        if not taken:
            return "late"
        self._count(report)
        return "failed" if report.failure else "done"

    async def _work(self, claim: Claim) -> Report:
        try:
            transcript = await self._transcribe(claim)
        except JobRefusedError as refusal:
            failure = Failure(refusal.code, str(refusal))
            return self._report(claim, failure=failure)
        return self._report(claim, transcript=transcript)

    async def _transcribe(self, claim: Claim) -> Transcript:
        """Fetch, decode and transcribe; the upload is dropped before the engine starts."""
        loop = asyncio.get_running_loop()
        with self._watch.timing("fetch_s"):
            upload = await self._parts.gateway.audio(self._note, claim)
        if upload is None:
            raise JobCanceledError
        with self._watch.timing("decode_s"):
            samples = await loop.run_in_executor(self._threads, self._decode, upload)
        del upload
        with self._watch.timing("infer_s"):
            return await loop.run_in_executor(
                self._threads, self._infer, samples, claim
            )

    def _decode(self, upload: bytes) -> Samples:
        return decode(upload, max_s=self._parts.settings.max_audio_s)

    def _infer(self, samples: Samples, claim: Claim) -> Transcript:
        return self._parts.engine.transcribe(
            samples, claim.request, keep_going=self._keep_going
        )

    def _keep_going(self) -> bool:
        self._parts.state.beat(self._note.job_id)
        return self._lease.held

    async def _give_up(self) -> str:
        """Tell the caller, if there still is one, and keep the entry as a dead letter."""
        failure = Failure("gave_up", f"no result after {MOST_TRIES} tries")
        trouble(_LOG, "job.dead", job=self._note.job_id, tries=self._delivery.tries)
        with contextlib.suppress(GatewayError):
            claim = await self._parts.gateway.claim(self._note)
            if claim is not None:
                report = self._report(claim, failure=failure)
                await self._parts.gateway.report(self._note, report)
        await self._parts.queue.bury(self._delivery, reason=failure.code)
        return "dead"

    def _report(
        self,
        claim: Claim,
        *,
        transcript: Transcript | None = None,
        failure: Failure | None = None,
    ) -> Report:
        return Report(
            fence=claim.fence,
            worker=self._parts.settings.instance,
            work=self._watch.work(),
            transcript=transcript,
            failure=failure,
        )

    def _count(self, report: Report) -> None:
        metrics, work = self._parts.metrics, report.work
        audio_s = report.transcript.duration_s if report.transcript else 0.0
        metrics.decode_seconds.observe(work.decode_s)
        if report.transcript is not None:
            metrics.infer_seconds.observe(work.infer_s)
            metrics.audio_seconds.inc(audio_s)
        if audio_s > 0:
            metrics.real_time_factor.observe(work.infer_s / audio_s)
        event(
            _LOG,
            "job.done",
            job=self._note.job_id,
            code=report.failure.code if report.failure else "ok",
            audio_s=round(audio_s, 3),
            fetch_s=round(work.fetch_s, 4),
            decode_s=round(work.decode_s, 4),
            infer_s=round(work.infer_s, 4),
        )
