"""The board: the one picture of an operation that all viewers see."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from installer.protocol import Operation, StepStatus

if TYPE_CHECKING:
    from datetime import datetime

    from installer.findings import Finding
    from installer.protocol import OperationState, StepState

__all__ = ["Board"]


class Board:
    """An operation that one thread changes and many threads read."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._version = 0
        self._lock = threading.Lock()

    def read(self) -> tuple[int, Operation]:
        """Return the picture and a number that grows with every change."""
        with self._lock:
            return self._version, self._operation

    def _replace(self, **changes: object) -> None:
        with self._lock:
            self._operation = self._operation.model_copy(update=changes)
            self._version += 1

    def _step(self, name: str, **changes: object) -> None:
        _, operation = self.read()
        self._replace(
            steps=tuple(
                step.model_copy(update=changes) if step.name == name else step
                for step in operation.steps
            )
        )

    def start_step(self, name: str, state: StepState, at: datetime) -> None:
        """Show that a step runs."""
        self._step(name, state=state, started=at, ended=None, detail="")

    def progress(self, name: str, done_bytes: int, total_bytes: int) -> None:
        """Show how far a step is."""
        self._step(name, done_bytes=done_bytes, total_bytes=total_bytes)

    def end_step(self, name: str, state: StepState, at: datetime, detail: str) -> None:
        """Show how a step ended."""
        self._step(name, state=state, ended=at, detail=detail)

    def warn(self, finding: Finding) -> None:
        """Show a finding that does not stop the operation."""
        _, operation = self.read()
        if finding not in operation.warnings:
            self._replace(warnings=(*operation.warnings, finding))

    def end(self, state: OperationState, at: datetime, finding: Finding | None) -> None:
        """Show how the operation ended."""
        self._replace(state=state, ended=at, finding=finding)


def pending(name: str, title: str, total_bytes: int) -> StepStatus:
    """Return the picture of a step that has not run."""
    return StepStatus(name=name, title=title, total_bytes=total_bytes)
