"""The license as the status page shows it: state, licensee, dates, what is notable."""

from datetime import datetime, timedelta
from typing import Final

from textual.content import Content

from installer.license_view import LicenseView, license_view
from installer.tui import formats, readings, text
from installer.tui.widgets.facts import Fact

_STYLES: Final = {
    "VALID": "bold $success",
    "PENDING": "bold $warning",
    "EXPIRING": "bold $warning",
    "GRACE": "bold $warning",
}
_SOON: Final = timedelta(days=30).total_seconds()


def license_facts(data: readings.Json | None, now: datetime) -> list[Fact]:
    """Return the lines of the status page from the license service's answer."""
    view = license_view(data)
    if view is None:
        return [("License", Content.styled(text.NO_LICENSE_STATE, "$warning"))]
    facts: list[Fact] = [("License", state_words(view, now))]
    if view.licensee:
        facts.append(("Licensee", view.licensee))
    if through := through_words(view):
        facts.append(("Valid", f"through {through}"))
    if view.term is not None:
        facts.append(("Service", f"full to {formats.utc(view.term)[:10]}"))
    if notes := notes_words(view):
        facts.append(("Notes", Content.styled(notes, "$warning")))
    return facts


def addon_facts(data: readings.Json | None, room: int, ellipsis: str) -> list[Fact]:
    """Return how many add-ons there are, and what the first one adds."""
    view = license_view(data)
    if view is None or not view.addons:
        return []
    words = f"{len(view.addons)}: {view.addons[0].words or view.addons[0].serial}"
    return [("Add-ons", formats.shorten_end(words, room, ellipsis))]


def state_words(view: LicenseView, now: datetime) -> Content:
    """Return the state and how long it lasts, as far as a date tells."""
    style = _STYLES.get(view.state, "bold $error")
    end = view.exp if view.state in ("VALID", "EXPIRING") else view.term
    if view.drill:
        return Content.assemble((view.state, style), ", only a drill")
    if end is None or view.state in ("PENDING", "REVOKED"):
        return Content.styled(view.state, style)
    left = readings.days_left(end, now)
    return Content.assemble((view.state, style), f", {left}")


def through_words(view: LicenseView) -> str:
    """Return the last day of validity, empty when there is none."""
    if view.valid_through is not None:
        return view.valid_through.isoformat()
    return formats.utc(view.exp)[:10] if view.exp is not None else ""


def notes_words(view: LicenseView) -> str:
    """Return what is notable beside the state: flags, and a report that is due."""
    flags = [name for name in view.flags if name != "REPORT_DUE"]
    words = [formats.count(len(flags), "flag")] if flags else []
    if due := due_words(view, soon=True):
        words.append(due)
    return ", ".join(words)


def due_words(view: LicenseView, *, soon: bool = False) -> str:
    """Say when a usage report is due; empty where none is asked for.

    Args:
        view: what the license service says.
        soon: say nothing while there are more than 30 days.
    """
    seconds = view.usage.report_due_s
    if "REPORT_DUE" in view.flags or (seconds is not None and seconds < 0):
        return "report due"
    if seconds is None or (soon and seconds > _SOON):
        return ""
    return f"report due in {formats.count(int(seconds // 86_400), 'day')}"
