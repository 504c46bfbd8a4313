"""What a service can act by: a lease, a refusal, its own look, or nothing.

Each says what it permits at a moment of run time; so a permission ends by itself, with
no timer that could fail to fire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from appliance.leases.permission import Basis, Permission, describe
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from appliance.leases.wire import DemoOffer
    from offline_license.chain import VerifiedChain
    from offline_license.lease import Lease
    from offline_license.states import State

__all__ = ["NOTHING", "Alone", "Held", "Nothing", "Refused"]

_TRICKLE: Final = "ANX-LIC-33"
_NEVER_ASKED: Final = "ANX-LIC-35"
_HOLD_OVER: Final = "ANX-LIC-36"
_FORBIDDEN: Final = 403
_BUSY: Final = 429
_UNAVAILABLE: Final = 503


@dataclass(frozen=True, slots=True)
class Held:
    """A verified lease; it goes on for its ``hold`` while nobody answers.

    Attributes:
        asked_at: when it was asked for, run seconds.
    """

    lease: Lease
    chain: VerifiedChain
    asked_at: float

    def over(self, now: float) -> bool:
        """Tell whether even the hold has ended."""
        return now - self.asked_at >= self.lease.hold_s

    def permission(self, now: float) -> Permission:
        """Return what is permitted at ``now``, run seconds."""
        grants, state = self.lease.grants, self.lease.state
        if self.over(now):
            return _no_answer(_HOLD_OVER, state)
        allowed = grants.jobs is None or grants.jobs > 0
        refused = _BUSY if grants.code == _TRICKLE else _FORBIDDEN
        return Permission(
            allowed=allowed,
            reason_code=grants.code,
            state=state,
            max_jobs=grants.jobs,
            max_streams=grants.streams,
            http_status=0 if allowed else refused,
            detail=describe(self.chain.license.license),
            session_s=_left(grants.session_s, now - self.asked_at),
            basis=Basis.LEASE,
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer that there is no license, and what works nevertheless."""

    code: str
    offer: DemoOffer | None
    asked_at: float

    def permission(self, now: float) -> Permission:
        """Return what is permitted: a live session, while its hour lasts."""
        offered_s = self.offer.session_s if self.offer else 0
        left_s = _left(offered_s, now - self.asked_at)
        return Permission(
            allowed=False,
            reason_code=self.code,
            max_streams=self.offer.streams if self.offer and left_s else 0,
            http_status=_FORBIDDEN,
            session_s=left_s,
            basis=Basis.DEMO,
        )


@dataclass(frozen=True, slots=True)
class Alone:
    """The service's own look at the license; it counts for an hour."""

    found: Permission
    since: float

    def permission(self, now: float) -> Permission:
        """Return what is permitted at ``now``, run seconds."""
        if now - self.since < TOLERANCES.bootstrap_s:
            return self.found
        return _no_answer(_NEVER_ASKED)


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nobody has answered, and there is nothing to look at."""

    def permission(self, now: float) -> Permission:  # noqa: ARG002 - as the others
        """Return that nothing is permitted."""
        return _no_answer(_NEVER_ASKED)


NOTHING: Final = Nothing()


def _left(session_s: int | None, age_s: float) -> int | None:
    return None if session_s is None else max(0, session_s - int(age_s))


def _no_answer(code: str, state: State | None = None) -> Permission:
    return Permission(
        allowed=False, reason_code=code, state=state, http_status=_UNAVAILABLE
    )
