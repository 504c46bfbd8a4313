"""A license and a decision as JSON: one source for every face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from offline_license.banner import banner
from offline_license.dates import iso, valid_through
from offline_license.keys import short_id
from offline_license.refusals import refusal
from offline_license.states import EXIT_CODES
from offline_license.tolerances import DAY_S

if TYPE_CHECKING:
    from offline_license.clock import EffectiveTime
    from offline_license.decide import Decision
    from offline_license.errors import LicenseError
    from offline_license.fingerprint import Match
    from offline_license.model import License

__all__ = [
    "decision_json",
    "error_json",
    "license_json",
    "match_json",
]

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
            "overdraft_percent": limits.overdraft_percent,
        },
        "software_up_to": _iso(license_.max_build_date),
        "extension_codes": license_.extension.count if license_.extension else 0,
        "part_of": short_id(license_.parent) if license_.parent else None,
    }


def decision_json(
    decision: Decision, license_: License | None, at: EffectiveTime
) -> _Json:
    """Return the state with its dates, flags and what is permitted."""
    return {
        "state": decision.state.name,
        "exit_code": EXIT_CODES[decision.state],
        "flags": sorted(flag.name for flag in decision.flags),
        "held_back": decision.held_back,
        "until": _iso(decision.until),
        "grace_from": _iso(decision.exp),
        "full_service_to": _iso(decision.term),
        "revoked_from": _iso(decision.revoked_at),
        "days_left": _days(decision.exp, at.at),
        "grace_days_left": _days(decision.term, at.at),
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


def _iso(seconds: int | None) -> str | None:
    return None if seconds is None else iso(seconds)


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
