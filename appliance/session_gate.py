"""The gate of live sessions: how many may run, and for how long.

A handler asks once before it accepts a session and gives it back at the end:

    match gate.begin():
        case Session() as session:
            with session:
                ...  # ends when session.left_s() is 0; None is never
        case Refused() as refused:
            ...  # refused.http_status, refused.words, refused.retry_after_s

Rules: a session that runs is never cut by the license, whatever happens to it; only the
live hour of an appliance without a license ends a session. Who is refused for want of
a free one counts as demand, so that replicas move their shares.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from appliance.leases import Demand, Tally
from appliance.permits import Permission, Permits
from offline_license.refusals import Refusal, refusal

__all__ = ["Refused", "Session", "SessionGate"]

_LIMIT_REACHED: Final = "ANX-LIC-37"
_HOUR_USED_UP: Final = "ANX-LIC-38"
_FORBIDDEN: Final = 403
_BUSY: Final = 429
_RETRY_AFTER_S: Final = 5


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a session may not begin.

    Attributes:
        words: code, title, meaning and remedy.
        http_status: 403 by the license, 429 while all are in use, 503 without an
            answer of the license container.
        retry_after_s: when it makes sense to ask again; None where it makes none.
    """

    words: Refusal
    http_status: int
    retry_after_s: int | None


class Session:
    """One live session; closing it twice is fine."""

    def __init__(self, gate: "SessionGate", *, timed: bool) -> None:
        """Belong to a gate; a timed one ends with the live hour."""
        self._gate = gate
        self._timed = timed

    def __enter__(self) -> Self:
        """Begin; the place is taken already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the place back."""
        self.close()

    def close(self) -> None:
        """Give the place back."""
        self._gate.end(self)

    def left_s(self) -> int | None:
        """Return how long it may go on, in seconds; None is without end.

        With a license that is installed meanwhile it no longer ends.
        """
        return self._gate.left_s() if self._timed else None


class SessionGate:
    """Counts the live sessions of one gateway; used from one event loop."""

    def __init__(self, permits: Permits, tally: Tally | None = None) -> None:
        """Start without sessions."""
        self._permits = permits
        self._tally = tally or Tally()
        self._running: set[Session] = set()

    def __len__(self) -> int:
        """Return how many sessions run."""
        return len(self._running)

    def begin(self) -> Session | Refused:
        """Take a place for a session, or say why there is none."""
        permission = self._permits.permission()
        most = permission.max_streams
        if most is not None and len(self._running) >= most:
            return self._refuse(permission)
        session = Session(self, timed=permission.session_s is not None)
        self._running.add(session)
        return session

    def end(self, session: Session) -> None:
        """Take a place back."""
        self._running.discard(session)

    def left_s(self) -> int | None:
        """Return the live time that is left, in seconds; None is without end."""
        return self._permits.permission().session_s

    def demand(self) -> Demand:
        """Return what is used, and what would be."""
        return self._tally.demand(len(self._running))

    def _refuse(self, permission: Permission) -> Refused:
        """Say why, and ask for a larger share where one could help."""
        code, status = _cause(permission)
        if status == _BUSY:
            self._tally.refuse()
            self._permits.nudge()
        again = None if status == _FORBIDDEN else _RETRY_AFTER_S
        return Refused(refusal(code), status, again)


def _cause(permission: Permission) -> tuple[str, int]:
    """Return code and status of a refusal.

    Where the license names no reason, or permits some sessions, or another replica has
    them, they are all in use: that passes. Everything else is the license's own word.
    """
    code = permission.reason_code
    if permission.session_s == 0:
        return _HOUR_USED_UP, _FORBIDDEN
    if not code:
        return _LIMIT_REACHED, _BUSY
    if permission.max_streams or permission.http_status in {0, _BUSY}:
        return code, _BUSY
    if permission.session_s is not None:
        return code, _BUSY
    return code, permission.http_status
