"""The license in full, for the license page: who, until when, for what, by what."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from textual.content import Content

from installer.license_view import LicenseView
from installer.tui import formats, paint
from installer.tui.panels.license import due_words, state_words, through_words
from installer.tui.widgets.facts import Fact


def terms(view: LicenseView, now: datetime, zone: tzinfo | None) -> list[Fact]:
    """Return every fact of a license as a line, without what is not known."""
    return [
        *_who(view, now),
        *_dates(view, now, zone),
        *_scope(view),
        *_usage(view),
        *_trust(view),
    ]


def _who(view: LicenseView, now: datetime) -> Iterator[Fact]:
    yield "State", state_words(view, now)
    if view.works:
        yield "Works now", view.works
    if view.licensee:
        yield "Licensee", view.licensee
    if view.serial:
        kind = f", {view.kind}" if view.kind else ""
        yield "License", f"{view.serial}{kind}"


def _dates(view: LicenseView, now: datetime, zone: tzinfo | None) -> Iterator[Fact]:
    if view.starts is not None and view.starts > now:
        yield "Starts", both(view.starts, zone)
    if view.exp is not None:
        yield "Valid", valid(through_words(view), view.exp, zone)
    if view.term is not None:
        yield "Full service", Content.assemble("to ", both(view.term, zone))
    if view.after:
        yield "  then", view.after


def _scope(view: LicenseView) -> Iterator[Fact]:
    if view.licensed:
        yield "Covers", view.capacity or "no limit is set"
    for one in view.addons:
        through = f" through {one.valid_through}" if one.valid_through else ""
        yield "Add-on", f"{one.serial}{through}: {one.words or 'nothing more'}"


def _usage(view: LicenseView) -> Iterator[Fact]:
    usage, words = view.usage, []
    if due := due_words(view):
        words.append(due)
    if usage.audio_s is not None:
        words.append(f"{usage.audio_s / 3600:.1f} h of audio since the last one")
    if usage.lossy:
        words.append("some usage could not be written")
    if words:
        yield "Usage report", ", ".join(words)


def _trust(view: LicenseView) -> Iterator[Fact]:
    if view.host and view.licensed:
        yield "This machine", view.host
    if view.held_back:
        yield "Clock", "a change of state waits until the clock has been steady"


def valid(through: str, exp: datetime, zone: tzinfo | None) -> Content:
    """Return the last day, and the very instant, of validity."""
    return Content.assemble("through ", (through, "bold"), ": to ", both(exp, zone))


def both(moment: datetime, zone: tzinfo | None) -> Content:
    """Return an instant in local time, and in UTC where that differs."""
    here, utc = formats.local(moment, zone), formats.utc(moment)
    if here == utc:
        return Content(utc)
    day = len("2027-01-31 ")
    short = utc[day:] if utc[:day] == here[:day] else utc
    return Content.assemble(here, (f" ({short})", paint.MUTED))
