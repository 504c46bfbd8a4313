"""The jobs that this gateway holds: their audio, their claims, their one result.

Rules: a job exists from its acceptance until its caller has been answered or has gone. Every
claim by a worker raises the fence; only a report with the newest fence commits, and only
once. A worker that was thought lost can therefore never answer for the one that took over.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from enum import Enum

from appliance.api.memory import Holding
from appliance.api.multipart import Upload
from appliance.queue import Claim, Report, SpeechRequest


class Commit(Enum):
    """What became of a report."""

    DONE = "done"
    STALE = "stale"
    GONE = "gone"


@dataclass(slots=True, eq=False)
class Job:
    """One accepted request; the repr shows neither audio nor request."""

    id: str
    request: SpeechRequest = field(repr=False)
    audio: tuple[bytes, ...] = field(repr=False)
    size_bytes: int
    holding: Holding = field(repr=False)
    result: "asyncio.Future[Report]" = field(repr=False)
    accepted_s: float
    fence: int = 0
    worker: str | None = None
    entries: list[str] = field(default_factory=list)


class Jobs:
    """The table of unfinished jobs; used from one event loop."""

    def __init__(self) -> None:
        """Start empty."""
        self._jobs: dict[str, Job] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def open(self, request: SpeechRequest, upload: Upload, holding: Holding) -> Job:
        """Accept a job; it is not in the queue yet."""
        job = Job(
            id=secrets.token_hex(16),
            request=request,
            audio=upload.audio or (),
            size_bytes=upload.size_bytes,
            holding=holding,
            result=asyncio.get_running_loop().create_future(),
            accepted_s=time.monotonic(),
        )
        self._jobs[job.id] = job
        return job

    def close(self, job: Job) -> None:
        """Forget a job and its audio; workers that ask for it hear that it is gone."""
        self._jobs.pop(job.id, None)
        job.audio = ()
        job.holding.release()
        job.result.cancel()

    def unfinished(self) -> tuple[Job, ...]:
        """List the jobs without a result, oldest first."""
        return tuple(job for job in self._jobs.values() if not job.result.done())

    def claim(self, job_id: str, worker: str) -> Claim | None:
        """Give a job to a worker, or None when it is gone or has its result."""
        job = self._jobs.get(job_id)
        if job is None or job.result.done():
            return None
        job.fence += 1
        job.worker = worker
        return Claim(job.fence, job.size_bytes, job.request)

    def audio(self, job_id: str, fence: int) -> tuple[bytes, ...] | None:
        """Give the audio to the worker with the newest claim, or None."""
        job = self._jobs.get(job_id)
        if job is None or job.result.done() or job.fence != fence:
            return None
        return job.audio

    def commit(self, job_id: str, report: Report) -> Commit:
        """Take a result, once, from the newest claim; the audio is forgotten at once."""
        job = self._jobs.get(job_id)
        if job is None or job.result.done():
            return Commit.GONE
        if job.fence != report.fence:
            return Commit.STALE
        job.result.set_result(report)
        job.audio = ()
        job.holding.release()
        return Commit.DONE
