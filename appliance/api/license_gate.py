"""What the license lets the gateway accept, in the words of its answers.

Work is counted here, where it is accepted; the license container hears of it with the
next question, and divides the limits among the gateways by what each of them uses and
was asked for.
"""

from http import HTTPStatus
from typing import Final

from appliance.api.errors import (
    ApiError,
    BusyError,
    LicenseRefusedError,
    LicenseUnknownError,
)
from appliance.leases import Demands, Tally
from appliance.permits import Permission, Permits
from appliance.session_gate import SessionGate
from offline_license.refusals import refusal

_RETRY_AFTER_S: Final = 5


class LicenseGate:
    """Decides for the license whether there may be one more, and counts who had to go.

    Attributes:
        sessions: the same for live sessions.
    """

    def __init__(self, permits: Permits) -> None:
        """Ask these permits."""
        self._permits = permits
        self._refused = Tally()
        self.sessions = SessionGate(permits)

    def refusal(self, jobs: int, *, retry_after_s: int) -> ApiError | None:
        """Say why there may be no transcription beside those in flight; None if it may.

        Args:
            jobs: transcriptions in flight.
            retry_after_s: when one of them may have ended.
        """
        permission = self._permits.permission()
        code, status = permission.reason_code, permission.http_status
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            return LicenseUnknownError(_words(permission), retry_after_s=_RETRY_AFTER_S)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return BusyError(_words(permission), retry_after_s=_RETRY_AFTER_S)
        if not permission.allowed:
            return LicenseRefusedError(_words(permission))
        if permission.max_jobs is not None and jobs >= permission.max_jobs:
            why = _words(permission) if code else "the license's tasks are in use"
            return BusyError(why, retry_after_s=retry_after_s)
        return None

    def turn_away(self, jobs: int) -> None:
        """Note that somebody was refused, and ask for more where a share was too small.

        Args:
            jobs: transcriptions in flight.
        """
        permission = self._permits.permission()
        most = permission.max_jobs
        full = permission.allowed and most is not None and jobs >= most
        if full or permission.http_status == HTTPStatus.TOO_MANY_REQUESTS:
            self._refused.refuse()
            self._permits.nudge()

    def demands(self, jobs: int) -> Demands:
        """Return what is used and wanted, for the next question.

        Args:
            jobs: transcriptions in flight.
        """
        return Demands(self.sessions.demand(), self._refused.demand(jobs))


def _words(permission: Permission) -> str:
    """Say what is refused, which license and dates it is about, and the next step."""
    words = refusal(permission.reason_code)
    said = f"{words.title} ({words.code})."
    return " ".join(part for part in (said, permission.detail, words.remedy) if part)
