"""What the gateway knows of workers and queue, refreshed every second in the background."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.api.errors import LanguageError, ModelNotFoundError
from appliance.queue import Depth, WorkerNote

_LONGEST_RETRY_S: Final = 300
_EMPTY_RETRY_S: Final = 10
_REAPPEAR_S: Final = 15.0
_SMOOTHING: Final = 0.2


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model as callers see it, merged over the workers that serve it."""

    name: str
    version: str
    languages: tuple[str, ...]
    detects_language: bool
    started_ms: int


class Roster:
    """The living workers, the depth of the queue, and how long jobs take."""

    def __init__(self, aliases: Sequence[str]) -> None:
        """Know nobody yet; `aliases` name whichever model is served."""
        self._aliases = frozenset(aliases)
        self.workers: tuple[WorkerNote, ...] = ()
        self.depth = Depth(0, 0)
        self.redis_answers = False
        self._job_s = 2.0
        self._alive_s = time.monotonic()
        self._trusted_until_s = 0.0

    def trust_the_past(self) -> None:
        """Keep the workers we knew until they have had time to announce themselves again.

        Called when Redis has come back empty: they are as alive as before.
        """
        if self.workers:
            self._trusted_until_s = time.monotonic() + _REAPPEAR_S

    def update(self, workers: tuple[WorkerNote, ...], depth: Depth) -> None:
        """Take what Redis says now."""
        self.redis_answers = True
        self.depth = depth
        if workers or time.monotonic() > self._trusted_until_s:
            self.workers = workers
        if workers:
            self._alive_s = time.monotonic()

    def lose_redis(self) -> None:
        """Note that Redis does not answer; what it said last stays, workers keep working."""
        self.redis_answers = False
        self._alive_s = time.monotonic()

    @property
    def alone_s(self) -> float:
        """For how long Redis has answered and named no worker."""
        return 0.0 if self.workers else time.monotonic() - self._alive_s

    def note_job(self, seconds: float) -> None:
        """Learn from a job how long one keeps a worker."""
        self._job_s += _SMOOTHING * (seconds - self._job_s)

    def retry_after_s(self) -> int:
        """Estimate when the queue that stands now is through, in whole seconds."""
        slots = sum(worker.slots for worker in self.workers)
        if not slots:
            return _EMPTY_RETRY_S
        jobs = self.depth.waiting + self.depth.held
        return max(1, min(_LONGEST_RETRY_S, math.ceil(self._job_s * jobs / slots)))

    def models(self) -> tuple[ServedModel, ...]:
        """List the models that living workers serve, by name."""
        by_name = {worker.model: worker for worker in reversed(self.workers)}
        return tuple(
            ServedModel(
                name=name,
                version=worker.model_version,
                languages=worker.languages,
                detects_language=worker.detects_language,
                started_ms=worker.started_ms,
            )
            for name, worker in sorted(by_name.items())
        )

    def resolve(self, name: str, language: str | None) -> ServedModel:
        """Find the model a caller means, and check that it knows the language.

        Raises:
            ModelNotFoundError: no living worker serves it.
            LanguageError: the model does not know the language.
        """
        served = {model.name: model for model in self.models()}
        model = served.get(name)
        if model is None and name in self._aliases and served:
            model = next(iter(served.values()))
        if model is None:
            raise ModelNotFoundError(
                f"the model {name[:100]!r} is not served here", param="model"
            )
        if language is not None and model.languages and language not in model.languages:
            known = ", ".join(model.languages)
            raise LanguageError(
                f"language: the model knows {known}, not {language[:20]!r}",
                param="language",
            )
        return model
