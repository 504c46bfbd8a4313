"""How a worker is, for its health endpoint; written by the worker, read by anyone."""

import time
from dataclasses import dataclass, field
from typing import Any

from appliance.asr.engine import EngineInfo


@dataclass(slots=True)
class WorkerState:
    """Mutable on purpose: the one place where the parts of a worker meet.

    `beats` holds, for each job in work, when its engine last said that it goes on.
    """

    stall_s: float
    engine: EngineInfo | None = None
    problem: str | None = None
    redis_answers: bool = False
    allowed: bool = False
    reason: str = ""
    draining: bool = False
    beats: dict[str, float] = field(default_factory=dict)

    def beat(self, job_id: str) -> None:
        """Note that the engine goes on with a job."""
        self.beats[job_id] = time.monotonic()

    @property
    def stalled(self) -> bool:
        """Whether a model call takes longer than any honest one."""
        oldest = min(self.beats.values(), default=time.monotonic())
        return time.monotonic() - oldest > self.stall_s

    @property
    def healthy(self) -> bool:
        """Whether the process is worth keeping: loaded and not stuck.

        A missing license or an unreachable Redis is no reason to restart it.
        """
        return self.engine is not None and not self.stalled

    def body(self) -> dict[str, Any]:
        """Describe the state for people and programs."""
        engine = self.engine
        return {
            "status": "ok" if self.healthy else ("stalled" if engine else "loading"),
            "problem": self.problem,
            "model": engine.name if engine else None,
            "device": engine.device if engine else None,
            "compute_type": engine.compute_type if engine else None,
            "jobs": len(self.beats),
            "draining": self.draining,
            "redis": {"ok": self.redis_answers},
            "license": {"ok": self.allowed, "reason": self.reason},
        }
