"""The one line about the license that stands on every screen when it must.

It follows the schedule of the license: quiet from the first warning day on, louder
at 14 days and loudest at 3. A rehearsal of expiry is marked as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.findings import Severity

if TYPE_CHECKING:
    from datetime import datetime

    from installer.license_view import LicenseView

__all__ = ["SCHEDULE", "Banner", "license_banner", "scheduled"]

SCHEDULE: Final = (
    (1, Severity.ERROR),
    (3, Severity.ERROR),
    (7, Severity.WARNING),
    (14, Severity.WARNING),
    (30, Severity.INFO),
    (60, Severity.INFO),
    (90, Severity.INFO),
)
"""Days before the end at which the warning changes, and how loud it is from there."""

_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Banner:
    """A line to show on every screen.

    Attributes:
        words: what is so.
        advice: what to do, where a face has no key for it.
        drill: this is a rehearsal; nothing has ended.
    """

    words: str
    severity: Severity
    advice: str = "Renew it now."
    drill: bool = False


def license_banner(view: LicenseView | None, now: datetime) -> Banner | None:
    """Return the line to show; None while there is nothing to warn of.

    Args:
        view: what the license service says; None where it says nothing.
        now: the present, with its time zone.
    """
    if view is None:
        return None
    if view.drill:
        return _drill(view, now)
    say = _SAY.get(view.state)
    return None if say is None else say(view, now)


def scheduled(days: int) -> tuple[int, Severity]:
    """Return the warning day that was passed last, and how loud it is."""
    for day, severity in SCHEDULE:
        if days <= day:
            return day, severity
    return SCHEDULE[-1]


def _expiring(view: LicenseView, now: datetime) -> Banner:
    days = _days(view.exp, now)
    _, severity = scheduled(days)
    advice = "Renew it." if severity is Severity.INFO else "Renew it now."
    left = f"{_count(days)} left" if days else "ends today"
    words = f"License valid through {_through(view)}, {left}."
    return Banner(words, severity, advice)


def _grace(view: LicenseView, now: datetime) -> Banner:
    days = _days(view.term, now)
    end = f"{view.term:%Y-%m-%d}" if view.term else "an unknown day"
    left = _count(days) if days else "less than a day"
    words = f"GRACE: license ended; full service to {end}, {left}."
    return Banner(words, Severity.ERROR)


def _restricted(view: LicenseView, _now: datetime) -> Banner:
    after = view.after or "new work is restricted"
    return Banner(f"RESTRICTED: {after}.", Severity.ERROR)


def _revoked(_view: LicenseView, _now: datetime) -> Banner:
    words = "REVOKED by the vendor: new work is refused."
    return Banner(words, Severity.ERROR, "Ask the vendor for a new one.")


def _unlicensed(_view: LicenseView, _now: datetime) -> Banner:
    words = "NO LICENSE: work is refused until one is installed."
    return Banner(words, Severity.ERROR, "Make a request.")


def _pending(view: LicenseView, _now: datetime) -> Banner:
    start = f"{view.starts:%Y-%m-%d}" if view.starts else "a later day"
    words = f"LICENSE WAITS for {start}; until then work is refused."
    return Banner(words, Severity.WARNING, "Nothing is to be done.")


def _drill(view: LicenseView, now: datetime) -> Banner:
    until, from_ = view.drill_until, view.effective or now
    minutes = int((until - from_).total_seconds() // 60) if until else 0
    left = f"{minutes} min left" if minutes > 0 else "about to end"
    words = f"DRILL, {left}: so looks GRACE; nothing has ended."
    return Banner(words, Severity.WARNING, "Nothing is to be done.", drill=True)


def _count(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _through(view: LicenseView) -> str:
    if view.valid_through is not None:
        return view.valid_through.isoformat()
    return f"{view.exp:%Y-%m-%d}" if view.exp else "an unknown day"


def _days(end: datetime | None, now: datetime) -> int:
    return 0 if end is None else max(0, int((end - now).total_seconds() // _DAY_S))


_SAY: Final = {
    "EXPIRING": _expiring,
    "GRACE": _grace,
    "RESTRICTED": _restricted,
    "REVOKED": _revoked,
    "UNLICENSED": _unlicensed,
    "PENDING": _pending,
}
