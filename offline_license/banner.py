"""A decision as a sentence: what stands, until when, and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_license.dates import iso, valid_through
from offline_license.states import Flag, Permit, State

if TYPE_CHECKING:
    from offline_license.decide import Decision
    from offline_license.model import License

__all__ = ["banner"]

_SERVED = {
    Permit.NONE: "New work is refused.",
    Permit.ONE: "One task at a time is served.",
    Permit.LICENSED: "Service goes on.",
}
_DRILL = "This is a drill; service does not change."


def banner(decision: Decision, license_: License | None) -> str:
    """Return the sentence to show; empty where nothing needs to be said.

    Args:
        decision: made for the license.
        license_: the license in force; None without one.
    """
    if license_ is None:
        return "No license is in force. Make a request and install the answer."
    drill = _DRILL if Flag.DRILL in decision.flags else ""
    parts = (drill, _state(decision, license_), _announced(decision, license_))
    return " ".join(part for part in parts if part)


def _state(decision: Decision, license_: License) -> str:
    """Say what the state means."""
    match decision.state:
        case State.PENDING:
            said = f"The license {license_.serial} starts at {iso(license_.nbf)}."
        case State.EXPIRING:
            dates = _dates(decision, license_)
            said = f"The license is {dates} Renew it before then."
        case State.GRACE:
            said = f"The license was {_dates(decision, license_)} Renew it now."
        case State.RESTRICTED:
            said = f"{_why(decision, license_)} {_SERVED[decision.service.batch]}"
        case State.REVOKED:
            said = f"The license {license_.serial} was revoked. Ask the vendor."
        case _:
            said = ""
    return said


def _announced(decision: Decision, license_: License) -> str:
    """Give notice of a revocation that is still to come."""
    at = decision.revoked_at
    if at is None or decision.state is State.REVOKED:
        return ""
    return (
        f"The vendor revokes the license {license_.serial} from {iso(at)} on. "
        "Ask the vendor for another one before then."
    )


def _dates(decision: Decision, license_: License) -> str:
    exp, term = _ends(decision, license_)
    through = valid_through(exp).isoformat()
    return f"valid through {through}. Full service continues to {iso(term)}."


def _why(decision: Decision, license_: License) -> str:
    """Tell an end by the dates from a host that is not recognized."""
    by_dates = decision.standing and decision.standing.shown is State.RESTRICTED
    if not by_dates:
        return "This host was not recognized for 14 days; it needs a new license."
    exp, term = _ends(decision, license_)
    return (
        f"The license was valid through {valid_through(exp).isoformat()}; full "
        f"service ended at {iso(term)}. Renew it now."
    )


def _ends(decision: Decision, license_: License) -> tuple[int, int]:
    """Return ``exp`` and ``term`` as they stand, or as signed."""
    return decision.exp or license_.exp, decision.term or license_.term
