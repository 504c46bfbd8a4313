"""The license as the status page shows it: state, licensee, days."""

from datetime import datetime
from typing import Final

from textual.content import Content

from installer.tui import formats, readings, text
from installer.tui.widgets.facts import Fact

_STYLES: Final = {
    "VALID": "bold $success",
    "PENDING": "bold $warning",
    "EXPIRING": "bold $warning",
    "GRACE": "bold $warning",
}


def license_facts(data: readings.Json | None, now: datetime) -> list[Fact]:
    """Return state, licensee and both dates from the license service's answer."""
    reading = readings.read_license(data)
    if reading is None:
        return [("License", Content.styled(text.NO_LICENSE_STATE, "$warning"))]
    style = _STYLES.get(reading.state, "bold $error")
    facts: list[Fact] = [("License", Content.styled(reading.state, style))]
    if reading.licensee:
        facts.append(("Licensee", reading.licensee))
    for label, moment in (("Valid", reading.exp), ("Grace", reading.term)):
        if moment is not None:
            facts.append((label, _until(moment, now)))
    return facts


def _until(moment: datetime, now: datetime) -> Content:
    return Content.assemble(
        f"to {formats.utc(moment)[:10]}",
        (f", {readings.days_left(moment, now).removesuffix(' left')}", "bold"),
    )
