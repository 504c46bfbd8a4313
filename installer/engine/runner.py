"""Run the steps of one operation: journal, board and cancellation together.

The order around a step is: announce it in the journal, run it, confirm it. A
step confirmed by an earlier run is skipped while its result still holds.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from installer.engine.steps import CanceledError, StepContext
from installer.findings import Finding
from installer.protocol import OperationState, StepState

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from installer.engine.board import Board
    from installer.engine.journal import Journal, Record
    from installer.engine.steps import Step

__all__ = ["Runner"]

_LOG = logging.getLogger("anechoicd")


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs steps in order.

    Attributes:
        done: steps that an earlier run of the same work finished.
        canceled: set by the operator; the operation ends as interrupted.
        leaving: set when the engine itself ends; the journal stays open, so that
            the next engine carries on.
    """

    journal: Journal
    board: Board
    done: frozenset[str]
    canceled: threading.Event
    leaving: threading.Event
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self, steps: tuple[Step, ...]) -> OperationState:
        """Run all steps and journal the end; never raises for a failed step."""
        try:
            for step in steps:
                self._one(step)
        except CanceledError as stop:
            if self.leaving.is_set():
                return OperationState.RUNNING
            return self._end(OperationState.INTERRUPTED, Finding.from_error(stop))
        except Exception as error:  # noqa: BLE001  every failure ends as a finding
            _LOG.exception("the operation failed")
            return self._end(OperationState.FAILED, Finding.from_error(error))
        return self._end(OperationState.SUCCEEDED, None)

    def _one(self, step: Step) -> None:
        self._check()
        if step.name in self.done:
            if step.holds():
                at = self.now()
                self.board.start_step(step.name, StepState.SKIPPED, at)
                self.board.end_step(step.name, StepState.SKIPPED, at, "finished before")
                return
            self.journal.write("step-undone", step=step.name)
        began = self.now()
        self.journal.write("step-start", step=step.name, at=began.isoformat())
        self.board.start_step(step.name, StepState.RUNNING, began)
        _LOG.info("step %s", step.name)
        self._run_shown(step, began)

    def _run_shown(self, step: Step, began: datetime) -> None:
        try:
            detail = step.run(self._context(step))
        except BaseException:
            self.board.end_step(step.name, StepState.FAILED, self.now(), "")
            raise
        ended = self.now()
        self.journal.write(
            "step-done",
            step=step.name,
            detail=detail,
            began=began.isoformat(),
            at=ended.isoformat(),
        )
        self.board.end_step(step.name, StepState.DONE, ended, detail)

    def _context(self, step: Step) -> StepContext:
        def record(record: Record) -> None:
            self.journal.record(step.name, record)

        def progress(done_bytes: int, total_bytes: int) -> None:
            self._check()
            self.board.progress(step.name, done_bytes, total_bytes)

        return StepContext(record, progress, self._check, self.board.warn)

    def _check(self) -> None:
        if self.leaving.is_set():
            raise CanceledError("the engine was asked to end")
        if self.canceled.is_set():
            raise CanceledError("the operator asked to stop")

    def _end(self, state: OperationState, finding: Finding | None) -> OperationState:
        at = self.now()
        self.journal.write(
            "end",
            state=state,
            at=at.isoformat(),
            finding=dict(finding.to_json()) if finding else None,
        )
        self.board.end(state, at, finding)
        return state
