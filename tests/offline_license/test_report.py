"""The usage report proves what it says, with the public key alone (case 63)."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.checkpoint import genesis
from offline_license.errors import (
    LedgerError,
    LicenseError,
    ReportError,
    ReportProofError,
)
from offline_license.keys import key_id, public_bytes
from offline_license.ledger_schema import RecordKind
from offline_license.report import (
    Level,
    countersign,
    payload_of,
    sign_report,
    verify_report,
)
from offline_license.report_make import gather
from offline_license.report_payload import DayRows, Evidence, read_payload
from tests.support import verify_usage_report
from tests.support.ledgers import (
    INSTALL_KEY,
    INSTALL_PUBLIC,
    LICENSE,
    MIDNIGHT,
    OFFICER_KEY,
    Ledger,
    row,
)
from tests.support.licensing import test_key

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = Ledger.of_hours(26)
HOURLY = LEDGER.report(Level.HOURLY)
DAILY = LEDGER.report(Level.DAILY)
OFFICER = public_bytes(OFFICER_KEY)


def shown(level: Level = Level.HOURLY) -> Evidence:
    return gather(LEDGER.slots, INSTALL_PUBLIC, since=0, level=level, license_=LICENSE)


def test_a_report_of_hours_shows_every_row() -> None:
    report = verify_report(HOURLY, INSTALL_PUBLIC)

    assert report.totals.requests == 26 * 20
    assert len(report.rows) == 52
    assert report.rows[0] == row()
    assert (report.license, report.serial) == (LICENSE, "0001-0203/3")
    assert (report.start, report.head) == (genesis(INSTALL_PUBLIC), LEDGER.mark)
    assert report.until_s > report.since_s == MIDNIGHT
    assert (report.signers, report.unknown_signers) == ((key_id(INSTALL_PUBLIC),), ())
    assert (report.breaks, report.hidden_rows) == ((), 0)
    assert [one.kind for one in report.events] == [RecordKind.START]


def test_a_report_of_days_has_the_same_sums_without_an_hour() -> None:
    report = verify_report(DAILY, INSTALL_PUBLIC)

    assert report.level is Level.DAILY
    assert report.rows == ()
    assert report.totals == verify_report(HOURLY, INSTALL_PUBLIC).totals
    assert [one.number("rows") for one in report.days] == [48, 4]
    assert len(DAILY) < len(HOURLY) / 5


def test_the_page_on_top_is_for_people() -> None:
    summary = json.loads(payload_of(DAILY))["summary"]

    assert summary == {
        "license": "0001-0203/3",
        "installation": summary["installation"],
        "from": "2027-01-16T00:00:00Z",
        "until": "2027-01-17T02:00:00Z",
        "days": 2,
        "requests": 520,
        "served": 520,
        "refused": 0,
        "failed": 0,
        "canceled": 0,
        "audio_hours": "0.866",
        "characters": 46_800,
        "peak_streams": 2,
        "events": 1,
        "rows_counted_in_their_day_only": 0,
    }


def test_the_hours_of_one_day_can_be_shown_without_those_of_the_others() -> None:
    good = shown()
    one_day = sign_report(replace(good, hours=good.hours[1:]), INSTALL_KEY)

    report = verify_report(one_day, INSTALL_PUBLIC)

    assert len(report.rows) == 4
    assert report.totals == verify_report(HOURLY, INSTALL_PUBLIC).totals


def test_rows_of_few_requests_are_counted_in_their_day_only() -> None:
    ledger = Ledger()
    ledger.hour(row(requests=5), row(features=1, requests=4, audio_ms=987_654))
    ledger.close_days()

    report = ledger.verified()

    assert [one.requests for one in report.rows] == [5]
    assert report.hidden_rows == 1
    assert report.totals.requests == 9
    assert b"987654" not in payload_of(ledger.report())


def test_a_report_goes_on_where_the_last_one_was_acknowledged() -> None:
    ledger = Ledger.of_hours(2)
    first = ledger.verified()
    ledger.hour(row(requests=7))
    ledger.close_days()

    second = ledger.verified(since=first.head.index)

    assert second.start == first.head
    assert second.totals.requests == 7


def test_a_report_can_begin_only_where_a_checkpoint_stands() -> None:
    with pytest.raises(LedgerError):
        LEDGER.report(since=1)


def test_an_empty_ledger_has_no_report() -> None:
    with pytest.raises(LedgerError):
        Ledger().report()


@given(at=st.integers(0, len(DAILY) - 1), bit=st.integers(0, 7))
def test_no_changed_byte_is_accepted(at: int, bit: int) -> None:
    changed = bytearray(DAILY)
    changed[at] ^= 1 << bit

    try:
        report = verify_report(bytes(changed), INSTALL_PUBLIC)
    except LicenseError:
        return
    assert report == verify_report(DAILY, INSTALL_PUBLIC)


@given(st.binary(max_size=200))
def test_any_bytes_are_one_typed_error(data: bytes) -> None:
    with pytest.raises(LicenseError):
        verify_report(data, None)


def test_a_file_that_a_program_wrote_anew_still_holds() -> None:
    anew = json.dumps(json.loads(DAILY), separators=(",", ":"), sort_keys=True)

    report = verify_report(anew.encode(), INSTALL_PUBLIC)

    assert report == verify_report(DAILY, INSTALL_PUBLIC)
    assert json.dumps(json.loads(payload_of(DAILY)), indent=1).encode() + b"\n" == (
        payload_of(DAILY)
    )


def test_a_report_of_another_installation_is_refused_with_both_names() -> None:
    with pytest.raises(ReportProofError, match="expected the report of installation"):
        verify_report(DAILY, public_bytes(test_key("other")))


def test_without_a_key_the_report_names_its_own() -> None:
    assert verify_report(DAILY, None).install_key == INSTALL_PUBLIC


def test_an_officer_signs_beside_the_installation() -> None:
    approved = countersign(DAILY, OFFICER_KEY)

    report = verify_report(approved, INSTALL_PUBLIC, [OFFICER])

    assert report.signers == (key_id(INSTALL_PUBLIC), key_id(OFFICER))
    assert countersign(approved, OFFICER_KEY) == approved
    assert verify_report(approved, INSTALL_PUBLIC).unknown_signers == (key_id(OFFICER),)


def test_a_report_that_the_officer_did_not_sign_is_told_apart() -> None:
    with pytest.raises(ReportProofError, match="expected a signature by key"):
        verify_report(DAILY, INSTALL_PUBLIC, [OFFICER])


def test_no_officer_can_sign_what_does_not_hold() -> None:
    with pytest.raises(ReportError):
        countersign(DAILY[:-20], OFFICER_KEY)


def test_a_spreadsheet_cannot_spoil_it_unseen() -> None:
    """What a spreadsheet writes is no report any more, and is refused as such."""
    rows = "\r\n".join(line.decode() for line in payload_of(DAILY).splitlines())

    with pytest.raises(ReportError):
        verify_report(rows.encode("utf-16"), INSTALL_PUBLIC)


@pytest.mark.parametrize("data", [HOURLY, DAILY], ids=["hourly", "daily"])
def test_the_documented_format_is_enough_to_verify_it(
    data: bytes, tmp_path: Path
) -> None:
    """A program that shares no line with ours, on a machine with the key alone."""
    (tmp_path / "report.anxr").write_bytes(data)
    program = verify_usage_report.__file__

    done = subprocess.run(
        [sys.executable, "-I", program, "report.anxr", INSTALL_PUBLIC.hex()],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )

    assert done.stdout == payload_of(data)


# What the site itself could write, with its key, and no verifier may accept.


def refuses(evidence: Evidence, match: str) -> None:
    with pytest.raises(ReportProofError, match=match):
        verify_report(sign_report(evidence, INSTALL_KEY), INSTALL_PUBLIC)


def test_a_day_that_was_left_out_is_missed() -> None:
    good = shown(Level.DAILY)
    left_out = tuple(one for one in good.records if one != good.days[0])

    refuses(replace(good, records=left_out), "not those")


def test_a_day_with_other_numbers_is_refused() -> None:
    good = shown(Level.DAILY)
    day = good.days[0]
    other = replace(day, body=(*day.body[:2], 1, *day.body[3:]))
    records = tuple(other if one == day else one for one in good.records)

    refuses(replace(good, records=records), "not those")


def test_records_without_a_checkpoint_are_refused() -> None:
    good = shown(Level.DAILY)

    refuses(replace(good, records=good.records[:-1]), "at the end")


def test_records_out_of_order_are_refused() -> None:
    good = shown(Level.DAILY)

    refuses(replace(good, records=(*good.records, good.records[0])), "out of order")


def test_a_row_among_the_days_is_refused() -> None:
    good = shown()
    (leaf, *_) = good.hours[0].leaves
    assert not isinstance(leaf, bytes)

    refuses(replace(good, records=(leaf, *good.records)), "a row among the days")


def test_a_forged_checkpoint_is_refused() -> None:
    good = shown(Level.DAILY)
    last = good.records[-1]
    forged = replace(last, body=(*last.body[:-1], bytes(64)))

    refuses(replace(good, records=(*good.records[:-1], forged)), "checkpoint")


def test_hours_in_a_report_of_days_are_refused() -> None:
    refuses(replace(shown(), level=Level.DAILY), "no hours")


def test_hours_of_no_day_or_of_one_day_twice_are_refused() -> None:
    good = shown()

    refuses(replace(good, hours=good.hours * 2), "twice")
    refuses(replace(good, hours=(replace(good.hours[0], day=0),)), "expected a day")


def test_rows_of_another_day_are_refused() -> None:
    good = shown()
    wrong = DayRows(good.hours[0].day, good.hours[1].leaves)

    refuses(replace(good, hours=(wrong,)), "not those of the day")


def test_a_day_that_its_rows_do_not_add_up_to_is_refused() -> None:
    """The site signs a day record with lower numbers than its rows have."""
    ledger = Ledger()
    ledger.hour(row())
    (only,) = ledger.open_days.rows
    honest = Ledger()
    honest.hour(row())
    honest.close_days()
    (day,) = honest.verified().days
    ledger.note(RecordKind.DAY, *day.body[:2], 1, *day.body[3:])

    with pytest.raises(ReportProofError, match="add up"):
        ledger_with_rows(ledger, only)


def ledger_with_rows(ledger: Ledger, *rows: Any) -> None:  # noqa: ANN401
    made = gather(
        ledger.slots, INSTALL_PUBLIC, since=0, level=Level.DAILY, license_=None
    )
    (day,) = made.days
    hours = (DayRows(day.index, rows),)
    report = sign_report(replace(made, level=Level.HOURLY, hours=hours), INSTALL_KEY)
    verify_report(report, INSTALL_PUBLIC)


def test_a_row_that_is_too_small_may_not_be_shown() -> None:
    ledger = Ledger()
    ledger.hour(row(requests=4))
    (small,) = ledger.open_days.rows
    ledger.close_days()

    with pytest.raises(ReportProofError, match="too small"):
        ledger_with_rows(ledger, small)


def test_another_record_is_no_row() -> None:
    good = shown()

    refuses(
        replace(good, hours=(DayRows(good.hours[0].day, (good.records[0],)),)),
        "no row of usage",
    )


# A damaged ledger still gives a report, which says what is missing.


def test_a_report_jumps_over_damage_and_says_so() -> None:
    whole = Ledger.of_hours(30)
    day = whole.verified().days[0].index

    report = whole.with_flipped(day).verified()

    assert [one.t for one in report.days] == [MIDNIGHT + 86_400]
    ((before, after),) = report.breaks
    assert before < day < after


def test_a_day_with_a_damaged_row_is_shown_without_its_hours() -> None:
    report = LEDGER.with_flipped(2).verified()

    assert [rows.day for rows in report.evidence.hours] == [report.days[1].index]
    assert report.totals == LEDGER.verified().totals


def test_damage_at_the_beginning_moves_the_start() -> None:
    report = LEDGER.with_flipped(0).verified()

    assert report.start.index == 2
    assert report.records[0].kind is RecordKind.CHECKPOINT


def test_damage_at_the_end_ends_the_report_before_it() -> None:
    last = LEDGER.mark.index - 1

    report = LEDGER.with_flipped(last).verified()

    assert report.head.index < last


# The payload, word by word.

PAYLOAD: dict[str, Any] = json.loads(payload_of(HOURLY))


def as_bytes(payload: object) -> bytes:
    return (json.dumps(payload, indent=1) + "\n").encode()


@pytest.mark.parametrize(
    "change",
    [
        {"comment": "John Smith"},
        {"notice": "Nothing."},
        {"summary": {**PAYLOAD["summary"], "requests": 1}},
        {"records": [{**PAYLOAD["records"][0], "comment": "x"}]},
        {"format": "anechoic usage report 2"},
    ],
    ids=lambda change: str(change)[:40],
)
def test_no_word_can_be_smuggled_into_a_report(change: dict[str, object]) -> None:
    with pytest.raises(ReportProofError, match="other words"):
        read_payload(as_bytes({**PAYLOAD, **change}))


@pytest.mark.parametrize(
    "change",
    [
        {"license": "none"},
        {"license": {"lid": "00", "seq": 1}},
        {"license": {"lid": "00" * 16, "seq": -1}},
        {"install_key": "00"},
        {"level": "minutely"},
        {"records": []},
        {"records": [{"kind": "start"}]},
        {"hours": [{"day": 1, "rows": []}]},
        {"hours": [{"day": True, "rows": [{"hidden": "00" * 32}]}]},
        {"hours": [{"day": 1, "rows": [{"hidden": "00"}]}]},
        {"hours": [{"day": 1, "rows": [5]}]},
    ],
    ids=lambda change: str(change)[:50],
)
def test_a_payload_of_another_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ReportError):
        read_payload(as_bytes({**PAYLOAD, **change}))


def test_no_license_is_none() -> None:
    evidence = replace(shown(Level.DAILY), license=None)

    report = verify_report(sign_report(evidence, INSTALL_KEY), INSTALL_PUBLIC)

    assert (report.license, report.serial) == (None, "none")


def test_the_payload_reads_as_base64_of_json() -> None:
    assert base64.b64decode(json.loads(DAILY)["payload"]) == payload_of(DAILY)
