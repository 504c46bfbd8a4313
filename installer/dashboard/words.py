"""Numbers and times as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from installer.dashboard.model import Row

_STEP: Final = 1024
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86400


def size(count: float) -> str:
    """Write bytes: "512 MiB", "3.8 GiB"."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < _STEP:
            return f"{count:.0f} {unit}"
        count /= _STEP
    return f"{count:.1f} GiB" if count < _STEP else f"{count / _STEP:.1f} TiB"


def moment(at: datetime) -> str:
    """Write a time: "2027-03-01 12:00 UTC"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def clock_time(seconds: float) -> str:
    """Write the time of day: "14:02:31 UTC"."""
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S} UTC"


def duration(seconds: float) -> str:
    """Write a length of time in its two greatest units: "3 days 4 h"."""
    total = int(seconds)
    days, hours = total // _DAY_S, total % _DAY_S // _HOUR_S
    minutes = total % _HOUR_S // _MINUTE_S
    if days:
        return f"{days} {'day' if days == 1 else 'days'} {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{total} s"


def days(seconds: float) -> str:
    """Write whole days, rounded down: "1 day", "40 days", "less than a day"."""
    whole = int(seconds // _DAY_S)
    if whole < 1:
        return "less than a day"
    return "1 day" if whole == 1 else f"{whole} days"


def share(part: float, whole: float) -> float | None:
    """Give the percentage for a bar; None where there is no whole."""
    return round(100 * part / whole, 1) if whole > 0 else None


def unknown(label: str, why: str) -> Row:
    """Build the row of a value that is not there."""
    return Row(label, "not available", why, known=False)
