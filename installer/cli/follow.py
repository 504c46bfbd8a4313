"""Follow an operation as lines or as JSON lines; leaving never stops it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from installer.cli.output import print_findings, print_json, size
from installer.exit_codes import ExitCode, exit_code_for
from installer.protocol import OperationState, StepState

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.client import EngineClient
    from installer.protocol import Operation, StepStatus

__all__ = ["Lines", "follow"]

_LIVE_S = 5.0
_MANY_BYTES = 1024 * 1024
_MARKS = {
    StepState.DONE: "ok",
    StepState.SKIPPED: "kept",
    StepState.FAILED: "FAILED",
}


class Lines:
    """Turns pictures of an operation into lines, each said once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[str, StepState] = {}
        self._warned: set[str] = set()
        self._last_live = clock()

    def show(self, operation: Operation) -> None:
        """Print what is new in this picture."""
        total = len(operation.steps)
        for number, step in enumerate(operation.steps, start=1):
            head = f"[{number:>2}/{total}] {step.title}"
            if self._said.get(step.name) != step.state and step.state in _MARKS:
                typer.echo(f"{head}: {_result(step)}")
                self._last_live = self._clock()
            elif step.state is StepState.RUNNING:
                self._live(head, step)
            self._said[step.name] = step.state
        for warning in operation.warnings:
            if warning.code + warning.evidence not in self._warned:
                self._warned.add(warning.code + warning.evidence)
                print_findings((warning,))

    def _live(self, head: str, step: StepStatus) -> None:
        """Show that a long step moves, every few seconds."""
        now = self._clock()
        if now - self._last_live < _LIVE_S:
            return
        self._last_live = now
        if step.total_bytes >= _MANY_BYTES:
            percent = step.done_bytes * 100 // step.total_bytes
            done = f"{size(step.done_bytes)} of {size(step.total_bytes)}"
            typer.echo(f"{head}: {percent} % ({done})")
        else:
            typer.echo(f"{head} ...")


def _result(step: StepStatus) -> str:
    mark = _MARKS[step.state]
    if step.started and step.ended and step.state is StepState.DONE:
        mark += f" {(step.ended - step.started).total_seconds():.1f} s"
    return f"{mark}, {step.detail}" if step.detail else mark


def follow(client: EngineClient, operation: Operation, *, as_json: bool) -> ExitCode:
    """Show an operation to its end; Ctrl+C leaves it running.

    Returns:
        The exit code that says how it ended.
    """
    lines = Lines()
    last = operation
    try:
        for last in client.events(operation.id):
            if as_json:
                print_json(last)
            else:
                lines.show(last)
    except KeyboardInterrupt:
        typer.echo(
            "Detached; the engine goes on. `anechoic watch` shows it again.", err=True
        )
        return ExitCode.DETACHED
    if last.state is OperationState.SUCCEEDED:
        return ExitCode.OK
    if last.finding is None:
        return ExitCode.OPERATION
    if not as_json:
        print_findings((last.finding,), error=True)
    if last.state is OperationState.INTERRUPTED:
        return ExitCode.OPERATION
    return exit_code_for(last.finding)
