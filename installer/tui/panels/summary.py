"""A license that was carried in: who, what, until when, and what else came along."""

from datetime import tzinfo

from textual.content import Content

from installer.license_view import capacity_words
from installer.protocol import LicenseSummary
from installer.tui.panels.terms import both, valid
from installer.tui.widgets.facts import Fact

FORMS = {
    "license": "a license",
    "response": "the vendor's answer",
    "code": "an emergency code",
}
SLOTS = {
    "now": "",
    "next": "waits for its day",
    "addon": "beside the license in force",
}


def summary_facts(found: LicenseSummary, zone: tzinfo | None) -> list[Fact]:
    """Return every fact of a verified license as a line, without what is not known."""
    through = found.valid_through
    replaces = f", in place of {found.replaces}" if found.replaces else ""
    slot = f", {SLOTS[found.slot]}" if SLOTS[found.slot] else ""
    kind = found.entitlements.get("kind")
    facts: list[Fact] = [
        ("This is", f"{FORMS[found.form]}{slot}"),
        ("Licensee", found.customer),
        ("License", f"{found.license_id}{replaces}"),
        ("State", Content.styled(found.state.upper(), "bold")),
    ]
    if found.slot == "next" and found.starts is not None:
        facts.append(("Starts", both(found.starts, zone)))
    last = through.isoformat() if through else f"{found.exp:%Y-%m-%d}"
    facts += [
        ("Valid", valid(last, found.exp, zone)),
        ("Full service", Content.assemble("to ", both(found.term, zone))),
    ]
    covers = capacity_words(found.entitlements)
    words = ", ".join(str(one) for one in (kind, covers) if one)
    if words:
        facts.append(("Covers", words))
    if found.updates:
        facts.append(("Also brings", ", ".join(found.updates)))
    return facts


__all__ = ["summary_facts"]
