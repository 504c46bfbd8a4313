"""Reports as lines."""

from __future__ import annotations

from offline_license.keys import key_id, public_bytes, short_id
from offline_license.ledger_schema import RecordKind
from offline_license.report import countersign, verify_report
from offline_license.report_view import diff, report_text
from tests.support.ledgers import INSTALL_PUBLIC, OFFICER_KEY, Ledger, row


def test_a_report_is_one_page_with_its_days_and_events() -> None:
    ledger = Ledger.of_hours(25)
    ledger.note(RecordKind.GAP, 5)
    approved = countersign(ledger.report(), OFFICER_KEY)

    text = report_text(verify_report(approved, INSTALL_PUBLIC))

    lines = text.splitlines()
    assert lines[0] == "License:                0001-0203/3"
    officer = short_id(key_id(public_bytes(OFFICER_KEY)))
    assert f"Also signed by unknown: {officer}" in lines
    assert "Audio:                  0:50:00" in lines
    assert "2027-01-16        480 requests       0:48:00 audio" in text
    assert "2027-01-16T00:00:00Z  gap lost_s=5" in lines
    assert all(len(line) <= 80 for line in lines)


def test_hidden_rows_and_missing_records_are_said() -> None:
    ledger = Ledger.of_hours(30)
    ledger.hour(row(requests=1))
    ledger.close_days()
    day = ledger.verified().days[0].index

    text = report_text(ledger.with_flipped(day).verified())

    assert "1 rows are counted in their day only." in text
    assert "Missing records:" in text


def test_what_a_newer_report_adds_is_listed() -> None:
    ledger = Ledger.of_hours(2)
    older = ledger.verified()
    ledger.hour(row(requests=7))
    ledger.close_days()
    ledger.note(RecordKind.OVERAGE, 8, 9)

    found = diff(older, ledger.verified())

    assert (found.same_site, found.continues, found.contradicts) == (True, True, False)
    assert found.lines() == (
        "served: 40 -> 47",
        "audio_ms: 240000 -> 300000",
        "chars: 3600 -> 4500",
        "2027-01-16          7 requests       0:01:00 audio           900 characters",
        "2027-01-16T00:00:00Z  overage limit=8 peak=9",
    )


def test_two_equal_reports_differ_in_nothing() -> None:
    report = Ledger.of_hours(2).verified()

    assert diff(report, report).lines() == ()


def test_copies_of_a_ledger_contradict_each_other() -> None:
    found = diff(Ledger.of_hours(2).verified(), Ledger.of_hours(2, seed=2).verified())

    assert found.contradicts
    assert "two copies" in found.lines()[0]


def test_a_gap_between_two_reports_is_said() -> None:
    ledger = Ledger.of_hours(2)
    older = ledger.verified()
    ledger.note(RecordKind.START)
    newer = ledger.verified(since=ledger.mark.index)

    assert "Records are missing between them." in diff(older, newer).lines()
