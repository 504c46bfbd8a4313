"""Dates of licenses: "valid through D" ends when D has ended everywhere on Earth.

That is D+1 12:00:00 UTC, the end of the day at UTC-12. Nothing here knows a local
time zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from offline_license.errors import SchemaError
from offline_license.tolerances import DAY_S, HOUR_S

__all__ = [
    "LATEST_S",
    "exp_of",
    "from_iso",
    "iso",
    "start_of",
    "term_of",
    "valid_through",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = "%Y-%m-%dT%H:%M:%SZ"
LATEST_S = int((datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH).total_seconds())


def start_of(day: date) -> int:
    """Return midnight UTC at the beginning of a day, in seconds."""
    return (day - _EPOCH.date()).days * DAY_S


def exp_of(through: date) -> int:
    """Return ``exp`` of a license that is valid through this day."""
    return start_of(through) + DAY_S + 12 * HOUR_S


def term_of(exp: int, grace_days: int) -> int:
    """Return ``term`` for a number of days of grace."""
    return exp + grace_days * DAY_S


def valid_through(exp: int) -> date:
    """Return the last day that has wholly ended everywhere at ``exp``."""
    return (_moment(exp) - timedelta(hours=36)).date()


def iso(seconds: int) -> str:
    """Spell a time as ISO 8601 in UTC: ``2027-10-01T12:00:00Z``."""
    return _moment(seconds).strftime(_ISO)


def from_iso(text: str) -> int:
    """Read a time as ``iso`` spells it.

    Raises:
        SchemaError: it is spelled in another way.
    """
    try:
        moment = datetime.strptime(text, _ISO).replace(tzinfo=UTC)
    except ValueError as error:
        raise SchemaError("expected a time like 2027-10-01T12:00:00Z") from error
    return int((moment - _EPOCH).total_seconds())


def _moment(seconds: int) -> datetime:
    """Return a time, held inside what a calendar can show."""
    return _EPOCH + timedelta(seconds=min(seconds, LATEST_S))
