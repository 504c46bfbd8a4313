"""The license as the status page shows it: state, licensee, days."""

from datetime import datetime

from textual.content import Content

from installer.tui import formats, paint, readings, text
from installer.tui.widgets.facts import Fact

_STYLES = {
    "VALID": "bold $success",
    "EXPIRING": "bold $warning",
    "GRACE": "bold $warning",
}


def license_facts(data: readings.Json | None, now: datetime) -> list[Fact]:
    """Return state, licensee and dates from the license service's own answer."""
    if not data:
        return [("License", Content.styled(text.NO_LICENSE_STATE, "$warning"))]
    state = (readings.word(data, "state") or "unknown").upper()
    facts: list[Fact] = [("License", Content.styled(state, _STYLES.get(state, "bold $error")))]
    if customer := readings.word(data, "customer", "licensee"):
        facts.append(("Licensee", customer))
    for label, names in (("Valid", ("exp",)), ("Grace", ("term",))):
        moment = readings.instant(data, *names)
        if moment is not None:
            facts.append((label, _until(moment, now)))
    return facts


def _until(moment: datetime, now: datetime) -> Content:
    return Content.assemble(
        (readings.days_left(moment, now), "bold"),
        (f"  {formats.utc(moment)}", paint.MUTED),
    )
