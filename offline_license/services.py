"""What works in a state and what does not: the table that operators are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license.states import Permit, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offline_license.decide import Decision

__all__ = ["ServiceRow", "service_rows"]

_WORDS: Mapping[Permit, str] = {
    Permit.NONE: "no",
    Permit.ONE: "one at a time",
    Permit.LICENSED: "up to the limit",
    Permit.DEMO: "one, 60 minutes a day",
}
_ALWAYS = (
    "reports, ledger and configuration",
    "license, status and wizard",
    "health and readiness",
    "updates of the software",
)


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One line of the table.

    Attributes:
        name: what may be done.
        words: how much of it, and the code of the refusal where it is less.
        open: whether anything of it is permitted.
    """

    name: str
    words: str
    open: bool


def service_rows(decision: Decision) -> tuple[ServiceRow, ...]:
    """Return what is permitted, with the rows that nothing can close."""
    service = decision.service
    return (
        _row("new transcriptions", service.batch, service.code),
        _row("new live sessions", service.streams, service.code),
        ServiceRow("work in flight", _in_flight(decision.state), open=True),
        *(ServiceRow(name, "always", open=True) for name in _ALWAYS),
    )


def _row(name: str, permit: Permit, code: str) -> ServiceRow:
    less = f" ({code})" if code else ""
    return ServiceRow(name, _WORDS[permit] + less, permit is not Permit.NONE)


def _in_flight(state: State) -> str:
    return "finishes within 24 h" if state is State.RESTRICTED else "finishes"
