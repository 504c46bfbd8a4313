"""A license and a decision as JSON and as a sentence: one source for every face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from offline_license.dates import iso, valid_through
from offline_license.refusals import refusal
from offline_license.states import EXIT_CODES, Permit, State
from offline_license.tolerances import DAY_S

if TYPE_CHECKING:
    from offline_license.clock import EffectiveTime
    from offline_license.decide import Decision
    from offline_license.errors import LicenseError
    from offline_license.fingerprint import Match
    from offline_license.model import License

__all__ = [
    "banner",
    "decision_json",
    "error_json",
    "license_json",
    "match_json",
]

_SERVED = {
    Permit.NONE: "New work is refused.",
    Permit.ONE: "One task at a time is served.",
    Permit.LICENSED: "Service goes on.",
}
_Json: TypeAlias = "dict[str, Any]"


def license_json(license_: License) -> _Json:
    """Return the terms for people and programs; keys and hashes stay out."""
    limits = license_.capacity
    return {
        "serial": license_.serial,
        "lid": license_.lid.hex(),
        "seq": license_.seq,
        "licensee": license_.name,
        "kind": license_.kind.name.lower(),
        "issued": iso(license_.iat),
        "starts": iso(license_.nbf),
        "valid_through": valid_through(license_.exp).isoformat(),
        "exp": iso(license_.exp),
        "term": iso(license_.term),
        "after_term": license_.post.name.lower(),
        "bound_to_installation": license_.install_key is not None,
        "bound_to_host": license_.enrolled is not None,
        "features": list(license_.features),
        "limits": {
            "streams": limits.streams,
            "gpus": limits.gpus,
            "audio_hours": limits.audio_hours,
            "hosts": limits.hosts,
        },
    }


def decision_json(
    decision: Decision, license_: License | None, at: EffectiveTime
) -> _Json:
    """Return the state with its dates, flags and what is permitted."""
    until = decision.until
    return {
        "state": decision.state.name,
        "exit_code": EXIT_CODES[decision.state],
        "flags": sorted(flag.name for flag in decision.flags),
        "held_back": decision.held_back,
        "until": None if until is None else iso(until),
        "days_left": _days(license_.exp if license_ else None, at.at),
        "grace_days_left": _days(license_.term if license_ else None, at.at),
        "time": {
            "effective": iso(at.at),
            "wall": iso(at.wall_s),
            "proved": iso(at.proved_s),
        },
        "service": {
            "batch": decision.service.batch.name.lower(),
            "streams": decision.service.streams.name.lower(),
        },
        "refusal": _refusal(decision.service.code),
        "banner": banner(decision, license_),
    }


def banner(decision: Decision, license_: License | None) -> str:
    """Return the sentence to show; empty where nothing needs to be said."""
    if license_ is None:
        return "No license is in force. Make a request and install the answer."
    match decision.state:
        case State.PENDING:
            said = f"The license {license_.serial} starts at {iso(license_.nbf)}."
        case State.EXPIRING:
            said = f"The license is {_dates(license_)} Renew it before then."
        case State.GRACE:
            said = f"The license was {_dates(license_)} Renew it now."
        case State.RESTRICTED:
            said = f"{_why(decision, license_)} {_SERVED[decision.service.batch]}"
        case State.REVOKED:
            said = f"The license {license_.serial} was revoked. Ask the vendor."
        case _:
            said = ""
    return said


def _dates(license_: License) -> str:
    through = valid_through(license_.exp).isoformat()
    return f"valid through {through}. Full service continues to {iso(license_.term)}."


def _why(decision: Decision, license_: License) -> str:
    """Tell an end by the dates from a host that is not recognized."""
    by_dates = decision.standing and decision.standing.shown is State.RESTRICTED
    if not by_dates:
        return "This host was not recognized for 14 days; it needs a new license."
    through = valid_through(license_.exp).isoformat()
    return (
        f"The license was valid through {through}; full service ended at "
        f"{iso(license_.term)}. Renew it now."
    )


def match_json(found: Match) -> _Json:
    """Return how well the host was recognized."""
    return {
        "verdict": found.binding.value,
        "matched_weight": found.matched_weight,
        "readable_weight": found.readable_weight,
        "enrolled_weight": found.enrolled_weight,
        "changed": [group.label for group in found.changed],
        "unreadable": [group.label for group in found.unreadable],
    }


def error_json(error: LicenseError) -> _Json:
    """Return a refused object's error in the form of a finding."""
    return {
        "code": error.code,
        "title": error.title,
        "severity": "error",
        "evidence": error.evidence,
        "meaning": error.meaning,
        "remedy": error.remedy,
    }


def _days(end: int | None, t: int) -> int | None:
    """Return whole days until ``end``; negative after it."""
    return None if end is None else (end - t) // DAY_S


def _refusal(code: str) -> _Json | None:
    if not code:
        return None
    words = refusal(code)
    return {
        "code": words.code,
        "title": words.title,
        "meaning": words.meaning,
        "remedy": words.remedy,
    }
