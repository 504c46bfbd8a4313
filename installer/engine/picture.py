"""Show an operation of which only the journal is left."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from installer.engine.board import pending
from installer.errors import INTERRUPTED
from installer.findings import Finding, Severity
from installer.protocol import (
    Operation,
    OperationRequest,
    OperationState,
    StepState,
    StepStatus,
)

if TYPE_CHECKING:
    from installer.engine.journal import Past
    from installer.settings import Settings

__all__ = ["picture"]


def picture(past: Past) -> Operation:
    """Rebuild what viewers saw last, as far as the journal knows it."""
    return Operation(
        id=past.operation_id,
        kind=past.kind,
        state=past.end or OperationState.INTERRUPTED,
        steps=tuple(_step(past, *entry) for entry in past.plan),
        started=datetime.fromisoformat(past.started),
        ended=datetime.fromisoformat(past.ended) if past.end else None,
        finding=_finding(past),
        settings=_settings(past),
    )


def _step(past: Past, name: str, title: str, size_bytes: int) -> StepStatus:
    if name not in past.done:
        return pending(name, title, size_bytes)
    began, ended = past.times[name]
    return StepStatus(
        name=name,
        title=title,
        state=StepState.DONE,
        done_bytes=size_bytes,
        total_bytes=size_bytes,
        started=datetime.fromisoformat(began),
        ended=datetime.fromisoformat(ended),
        detail=past.done[name],
    )


def _settings(past: Past) -> Settings | None:
    """Return what was asked; None when this version does not understand it."""
    try:
        return OperationRequest.model_validate(past.request).settings
    except ValidationError:
        return None


def _finding(past: Past) -> Finding | None:
    if past.finding is not None:
        values = dict(past.finding)
        severity = Severity(values.pop("severity"))
        return Finding(severity=severity, **values)
    if past.end is None:
        return Finding.of(INTERRUPTED, evidence="the engine ended in the middle")
    return None
