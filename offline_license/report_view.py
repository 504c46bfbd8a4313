"""A verified report as lines for people, and what changed between two of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from offline_license.dates import iso
from offline_license.keys import key_id, short_id
from offline_license.ledger_days import totals_of
from offline_license.ledger_schema import Record, show_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offline_license.report import Report
    from offline_license.usage import Totals

__all__ = ["ReportDiff", "diff", "report_text"]

_PLACES = ("index", "time", "boot", "kind")


@dataclass(frozen=True, slots=True)
class ReportDiff:
    """What a newer report says beyond an older one.

    Attributes:
        same_site: both are of one installation.
        continues: the newer one begins where the older one ends, or before.
        contradicts: they disagree on a record that both have.
        before, after: the totals of each.
        days: the days whose numbers differ, or that only the newer one has.
        events: the events that only the newer one has.
    """

    same_site: bool
    continues: bool
    contradicts: bool
    before: Totals
    after: Totals
    days: tuple[Record, ...]
    events: tuple[Record, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the differences, one a line."""
        findings = {
            "The reports are of different installations.": not self.same_site,
            "They contradict each other: they come from two copies of a ledger.": (
                self.contradicts
            ),
            "Records are missing between them.": not self.continues,
        }
        return (
            *(text for text, holds in findings.items() if holds),
            *_changes(asdict(self.before), asdict(self.after)),
            *map(_day_line, self.days),
            *map(_event_line, self.events),
        )


def diff(older: Report, newer: Report) -> ReportDiff:
    """Compare two verified reports."""
    known, path = older.proof.path, newer.proof.path
    fresh = [n for n in newer.proof.numbered if n not in known]
    added = {newer.proof.numbered[n].index for n in fresh}
    return ReportDiff(
        same_site=older.install_key == newer.install_key,
        continues=newer.start.count <= older.head.count,
        contradicts=any(path[n] != known[n] for n in set(path) & set(known)),
        before=older.totals,
        after=newer.totals,
        days=tuple(day for day in newer.days if day.index in added),
        events=tuple(event for event in newer.events if event.index in added),
    )


def report_text(report: Report) -> str:
    """Return a report for reading at a terminal: a page on top, then days and events."""
    page = {
        "License": report.serial,
        "Installation": short_id(key_id(report.install_key)),
        "From": iso(report.since_s),
        "Until": iso(report.until_s),
        "Level": report.level.value,
        "Records": f"{report.start.index} to {report.head.index}",
        "Signed by": ", ".join(map(short_id, report.signers)),
        "Also signed by unknown": ", ".join(map(short_id, report.unknown_signers)),
        "Missing records": ", ".join(f"{a} to {b}" for a, b in report.breaks),
        **_amounts(report.totals),
    }
    lines = [f"{name + ':':<24}{value}" for name, value in page.items() if value]
    rows = f"{report.hidden_rows} rows are counted in their day only."
    tail = [rows] if report.hidden_rows else []
    days, events = map(_day_line, report.days), map(_event_line, report.events)
    return "\n".join([*lines, "", *days, "", *events, *tail]) + "\n"


def _amounts(totals: Totals) -> dict[str, str]:
    return {
        "Requests": str(totals.requests),
        "Served": str(totals.served),
        "Refused": str(totals.refused),
        "Failed": str(totals.failed),
        "Canceled": str(totals.canceled),
        "Audio": _duration(totals.audio_ms),
        "Characters": str(totals.chars),
        "Most at the same time": str(totals.peak_streams),
    }


def _changes(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    return [
        f"{name}: {before[name]} -> {after[name]}"
        for name in before
        if before[name] != after[name]
    ]


def _day_line(day: Record) -> str:
    totals = totals_of(day)
    return (
        f"{iso(day.t)[:10]}  {totals.requests:>9} requests  "
        f"{_duration(totals.audio_ms):>12} audio  {totals.chars:>12} characters"
    )


def _event_line(event: Record) -> str:
    shown = show_record(event)
    body = " ".join(f"{k}={v}" for k, v in shown.items() if k not in _PLACES)
    return f"{shown['time']}  {shown['kind']} {body}".rstrip()


def _duration(audio_ms: int) -> str:
    """Spell a duration as hours, minutes and seconds."""
    seconds = audio_ms // 1_000
    return f"{seconds // 3_600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
