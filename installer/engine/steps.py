"""Steps: named, idempotent pieces of an operation, and what they may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.errors import CANCELED, InstallerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.engine.journal import Record
    from installer.findings import Finding

__all__ = ["CanceledError", "Step", "StepContext"]


class CanceledError(InstallerError):
    """The operator, or the end of the engine, asked to stop."""

    def __init__(self, evidence: str) -> None:
        super().__init__(CANCELED, evidence)


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a running step may do besides its work.

    Attributes:
        record: name a thing before it is written; durable when this returns.
        progress: report bytes done and bytes in total.
        check: raise ``CanceledError`` when the operation shall stop; call it at
            points where stopping is safe.
        warn: add a finding that does not stop the operation.
    """

    record: Callable[[Record], None]
    progress: Callable[[int, int], None]
    check: Callable[[], None]
    warn: Callable[[Finding], None]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One idempotent step.

    Attributes:
        run: do the work; repeating it must lead to the same end. Returns a few
            words about the result.
        holds: is the result of an earlier, finished run still there? A step that
            is finished and holds is not repeated.
        size_bytes: bytes that it reads or writes, 0 when that says nothing.
        estimate_s: expected time in seconds.
    """

    name: str
    title: str
    run: Callable[[StepContext], str]
    holds: Callable[[], bool] = _always
    size_bytes: int = 0
    estimate_s: float = 1.0
