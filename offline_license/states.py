"""The states of a license and what each of them permits, as tables.

Flags stand beside the state and never change it, with one exception that is part of
the table: a host that stayed unrecognized for 14 days of run time is restricted to a
trickle. A drill changes what is shown, never what is permitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from offline_license.model import License, Post
from offline_license.tolerances import DAY_S, TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EXIT_CODES",
    "Flag",
    "Permit",
    "Service",
    "State",
    "rank",
    "service_of",
    "window_state",
]


class State(IntEnum):
    """Where a license stands; the number is what leases carry."""

    UNLICENSED = 0
    PENDING = 1
    VALID = 2
    EXPIRING = 3
    GRACE = 4
    RESTRICTED = 5
    REVOKED = 6


class Flag(IntEnum):
    """What is worth knowing beside the state; the number is what leases carry."""

    CLOCK_BEHIND = 1
    CLOCK_JUMP = 2
    BIND_DRIFT = 3
    BIND_MISMATCH = 4
    OVERAGE = 5
    REPORT_DUE = 6
    LEDGER_GAP = 7
    LEDGER_FORK = 8
    KEYSET_STALE = 9
    STATE_REBUILT = 10
    DRILL = 11
    KEY_LOST = 12


EXIT_CODES: Mapping[State, int] = {
    State.VALID: 0,
    State.EXPIRING: 10,
    State.GRACE: 20,
    State.RESTRICTED: 30,
    State.REVOKED: 30,
    State.UNLICENSED: 40,
    State.PENDING: 40,
}
"""Exit codes of ``anechoic license status``; 50 is an error of the tool."""


class Permit(IntEnum):
    """How much new work of one kind is permitted."""

    NONE = 0
    ONE = 1
    LICENSED = 2
    DEMO = 3


@dataclass(frozen=True, slots=True)
class Service:
    """What a state permits.

    Work in flight is always finished. Reports, status, renewal, health, readiness
    and updates of the software are always permitted; no field can forbid them.

    Attributes:
        batch: new transcriptions of files.
        streams: new live sessions.
        code: names the refusal, ``ANX-LIC-nn``; empty where nothing is refused.
    """

    batch: Permit
    streams: Permit
    code: str = ""


_FULL = Service(Permit.LICENSED, Permit.LICENSED)
_DEMO = Service(Permit.NONE, Permit.DEMO, "ANX-LIC-31")
_STOPPED = Service(Permit.NONE, Permit.NONE, "ANX-LIC-32")
_TRICKLE = Service(Permit.ONE, Permit.ONE, "ANX-LIC-33")
_REVOKED = Service(Permit.NONE, Permit.NONE, "ANX-LIC-34")

_SERVICE: Mapping[State, Mapping[Post, Service]] = {
    State.UNLICENSED: dict.fromkeys(Post, _DEMO),
    State.PENDING: dict.fromkeys(Post, _DEMO),
    State.VALID: dict.fromkeys(Post, _FULL),
    State.EXPIRING: dict.fromkeys(Post, _FULL),
    State.GRACE: dict.fromkeys(Post, _FULL),
    State.RESTRICTED: {
        Post.STOP: _STOPPED,
        Post.TRICKLE: _TRICKLE,
        Post.ADVISORY: _FULL,
    },
    State.REVOKED: dict.fromkeys(Post, _REVOKED),
}

_RANKS: Mapping[State, int] = {
    State.PENDING: 0,
    State.VALID: 0,
    State.EXPIRING: 0,
    State.GRACE: 1,
    State.RESTRICTED: 2,
    State.REVOKED: 3,
}


def rank(state: State) -> int:
    """Order the states of a license: VALID < GRACE < RESTRICTED < REVOKED."""
    return _RANKS[state]


def service_of(state: State, post: Post) -> Service:
    """Return what a state permits under these terms."""
    return _SERVICE[state][post]


def window_state(
    license_: License, t: int, *, banner_s: int, revoked_at: int | None = None
) -> State:
    """Return the state that time ``t`` alone implies.

    Args:
        license_: the terms.
        t: seconds UTC.
        banner_s: run time that this license's renewal banner has been visible;
            before 72 h of it, restriction does not begin.
        revoked_at: when a revocation takes effect, seconds UTC; None is never.
    """
    if revoked_at is not None and t >= revoked_at:
        return State.REVOKED
    if t >= license_.term and banner_s >= TOLERANCES.banner_s:
        return State.RESTRICTED
    if t >= license_.exp:
        return State.GRACE
    if t < license_.nbf:
        return State.PENDING
    warn_s = max(license_.warn_days, default=0) * DAY_S
    return State.EXPIRING if warn_s and t >= license_.exp - warn_s else State.VALID
