"""The license: state, dates, days left, and what happens next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.dashboard.model import Card, Level, Row, Section, level_of
from installer.dashboard.words import days, moment
from installer.findings import Severity
from installer.license_banner import license_banner
from installer.license_flags import flag_words
from installer.license_view import LicenseView, license_view

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from installer.protocol import Status


_TITLE: Final = "License"
_FLAGS_TITLE: Final = "To know about the license"
_LEVELS: Final = {
    "valid": Level.OK,
    "expiring": Level.WARNING,
    "grace": Level.WARNING,
    "restricted": Level.ERROR,
    "revoked": Level.ERROR,
    "pending": Level.WARNING,
    "unlicensed": Level.WARNING,
}
_FLAG_STATE: Final = {
    Severity.ERROR: "act now",
    Severity.WARNING: "to note",
    Severity.INFO: "to know",
}
_NEXT: Final = {
    "valid": "When it ends, a time of grace with full service begins.",
    "expiring": "It ends soon. Renew it now: `anechoic license request`.",
    "grace": "Service is still full. When grace ends, new work is restricted; renew now.",
    "restricted": "New work is restricted. A renewed license ends this at once.",
    "revoked": "The vendor withdrew this license. Ask for a new one.",
    "pending": "It starts later; until then work is refused.",
    "unlicensed": "Without a license work is refused. Install one: `anechoic license`.",
}


def licensing(status: Status, now: datetime) -> Section:
    """Show the license, or why it is not shown."""
    view = license_view(status.license)
    if view is None:
        note = "Nothing is installed yet."
        if status.installed:
            note = "The license service does not answer; work in progress goes on."
        return Section("license", _TITLE, note=note)
    state = view.state.lower()
    card = Card(
        title=view.licensee or "License",
        level=_LEVELS.get(state, Level.INFO),
        state=state,
        rows=tuple(_rows(view, now)),
        note=_note(view, now),
    )
    return Section("license", _TITLE, (card,))


def license_flags(status: Status) -> Section | None:
    """Show what each flag beside the state means; None where there is none."""
    view = license_view(status.license)
    if view is None or not view.flags:
        return None
    return Section("license-flags", _FLAGS_TITLE, tuple(map(_flag, view.flags)))


def _note(view: LicenseView, now: datetime) -> str:
    """Say what is next; the banner that stands on every screen goes first."""
    banner = license_banner(view, now)
    if banner is not None and banner.drill:
        return f"{banner.words} {banner.advice}"
    return view.banner or _NEXT.get(view.state.lower(), "")


def _flag(name: str) -> Card:
    """Show a flag with what it means and what to do."""
    words = flag_words(name)
    return Card(
        words.title,
        level_of(words.severity),
        _FLAG_STATE[words.severity],
        (Row("What to do", words.step),),
        note=words.meaning,
    )


def _rows(view: LicenseView, now: datetime) -> Iterator[Row]:
    if view.works:
        yield Row("Works now", view.works)
    if view.serial:
        kind = f", {view.kind}" if view.kind else ""
        yield Row("License number", f"{view.serial}{kind}")
    if view.valid_through is not None:
        yield Row("Valid through", view.valid_through.isoformat())
    if view.exp is not None:
        yield Row("Valid until", moment(view.exp), _left(view.exp, now))
    if view.term is not None:
        yield Row("Full service until", moment(view.term), _left(view.term, now))
    if view.after:
        yield Row("Then", view.after)
    if view.licensed:
        yield Row("Covers", view.capacity or "no limit is set")
    for one in view.addons:
        through = f"through {one.valid_through}" if one.valid_through else ""
        yield Row("Add-on", one.words or one.serial, through)
    yield from _usage(view)
    if view.host:
        yield Row("This machine", view.host)


def _usage(view: LicenseView) -> Iterator[Row]:
    due = view.usage.report_due_s
    if due is not None:
        words = f"{days(abs(due))} overdue" if due < 0 else f"due in {days(due)}"
        yield Row("Usage report", words)
    if view.usage.lossy:
        yield Row("Usage records", "some usage could not be written to disk")


def _left(when: datetime, now: datetime) -> str:
    seconds = (when - now).total_seconds()
    if seconds < 0:
        return f"{days(-seconds)} ago"
    return f"{days(seconds)} left"
