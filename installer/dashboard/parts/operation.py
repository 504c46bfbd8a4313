"""The operation that runs now, or the last one when it did not succeed."""

from __future__ import annotations

from typing import Final

from installer.dashboard.model import Card, Level, Row, Section
from installer.dashboard.words import moment, share, size
from installer.protocol import (
    Operation,
    OperationState,
    Status,
    StepState,
    StepStatus,
)

_FINISHED: Final = frozenset({StepState.DONE, StepState.SKIPPED})
_LEVELS: Final = {
    OperationState.RUNNING: Level.INFO,
    OperationState.SUCCEEDED: Level.OK,
    OperationState.FAILED: Level.ERROR,
    OperationState.INTERRUPTED: Level.WARNING,
}


def operation(status: Status) -> Section | None:
    """Show the operation with every step; None when there is nothing to show."""
    if status.operation is None:
        return None
    return Section("operation", "Operation", (_card(status.operation),))


def _card(shown: Operation) -> Card:
    done = sum(step.state in _FINISHED for step in shown.steps)
    progress = Row(
        "Progress",
        f"{done} of {len(shown.steps)} steps",
        f"since {moment(shown.started)}",
        share(done, len(shown.steps)),
    )
    steps = tuple(_step(step) for step in shown.steps if step.state != "pending")
    note = shown.finding.title if shown.finding else ""
    return Card(
        title=shown.kind.capitalize(),
        level=_LEVELS[shown.state],
        state=shown.state.value,
        rows=(progress, *steps),
        note=note,
    )


def _step(step: StepStatus) -> Row:
    value = "done earlier" if step.state is StepState.SKIPPED else step.state.value
    if step.state is StepState.RUNNING and step.total_bytes:
        value = f"{size(step.done_bytes)} of {size(step.total_bytes)}"
        percent = share(step.done_bytes, step.total_bytes)
        return Row(step.title, value, step.detail, percent)
    return Row(step.title, value, step.detail)
