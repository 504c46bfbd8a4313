"""The ledger on disk: it counts once, loses nothing it took, and stops nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from appliance.license_proxy.book import Book, Moment, open_book
from appliance.license_proxy.open_hour import (
    OpenHour,
    decode_open_hour,
    encode_open_hour,
)
from appliance.usage_wire import UsageBatch
from offline_license import cbor
from offline_license.checkpoint import genesis
from offline_license.dates import LATEST_S
from offline_license.errors import LedgerError, LicenseError, SchemaError
from offline_license.ledger import SLOT_BYTES, first_bad
from offline_license.ledger_history import read_history
from offline_license.ledger_schema import Record, RecordKind
from offline_license.report import Level, Report, verify_report
from offline_license.tolerances import DAY_S, HOUR_S
from offline_license.usage import Totals
from tests.support.ledgers import INSTALL_KEY, INSTALL_PUBLIC, MIDNIGHT, row
from tests.support.power_cuts import CutDisk, PowerCutError

if TYPE_CHECKING:
    from pathlib import Path


def moment(after_s: int = 0, **changes: Any) -> Moment:  # noqa: ANN401
    """Return a look at right clocks, some time after midnight."""
    t = MIDNIGHT + after_s
    return replace(Moment(t, t, t - 7, 1_000 + after_s, "boot 1"), **changes)


def batch(number: int, **changes: Any) -> UsageBatch:  # noqa: ANN401
    return UsageBatch("api-1", b"process1", number, (row(**changes),))


def reported(book: Book, level: Level = Level.HOURLY, since: int = 0) -> Report:
    return verify_report(book.report(level, since=since), INSTALL_PUBLIC)


def kinds(book: Book) -> list[RecordKind]:
    return [one.kind for one in book.events]


@pytest.fixture
def disk() -> CutDisk:
    return CutDisk(random.Random(1))


def open_on(disk: CutDisk, now: Moment | None = None) -> Book:
    drawn = random.Random(2)
    return Book(disk, INSTALL_KEY, now or moment(), random_bytes=drawn.randbytes)


def test_what_is_counted_is_reported(tmp_path: Path) -> None:
    book = open_book(tmp_path, INSTALL_KEY, moment())
    book.add(batch(1))
    book.add(batch(2, requests=5))

    assert reported(book).totals == Totals(15, 0, 0, 0, 120_000, 1_800, 2)


def test_a_batch_that_comes_twice_counts_once(disk: CutDisk) -> None:
    """Also after the program was killed: its number is saved with its rows."""
    book = open_on(disk)
    assert [book.add(batch(1)), book.add(batch(1))] == [1, 1]

    again = open_on(disk)
    again.add(batch(1))

    assert again.status().since_ack.requests == 10


def test_a_clock_that_stands_at_1970_dates_nothing_there(disk: CutDisk) -> None:
    """Services have the wall clock only; the ledger knows how far it is behind."""
    book = open_on(disk, moment(wall_s=HOUR_S))
    book.add(batch(1, hour_s=HOUR_S))

    (day,) = reported(book).days
    assert day.t == MIDNIGHT


def test_only_so_many_sources_are_remembered(disk: CutDisk) -> None:
    book = open_on(disk)
    for source in range(100):
        book.add(UsageBatch(f"api-{source}", bytes(8), 1, ()))

    assert len(decode_open_hour(disk.hours[-1]).seen) == 64


def test_an_hour_is_written_down_when_it_is_over(disk: CutDisk) -> None:
    book = open_on(disk)
    book.add(batch(1))
    book.tick(moment(HOUR_S - 1))
    assert book.status().records == 2

    book.tick(moment(HOUR_S))

    assert book.status().records == 4
    assert decode_open_hour(disk.hours[-1]).rows == ()


def test_a_day_is_written_down_when_it_is_over(disk: CutDisk) -> None:
    book = open_on(disk)
    for hour in range(25):
        book.add(batch(hour + 1, hour_s=MIDNIGHT + hour * HOUR_S))
        book.tick(moment((hour + 1) * HOUR_S))

    history = read_history(disk.records, INSTALL_PUBLIC)

    (day,) = history.days
    assert (day.t, day.number("rows")) == (MIDNIGHT, 24)
    assert len(history.open_days.rows) == 1


def test_a_quiet_hour_leaves_a_checkpoint(disk: CutDisk) -> None:
    book = open_on(disk)

    book.tick(moment(HOUR_S, flags=6))

    assert [one.index for one in book.seen] == [1, 2]
    assert (book.seen[-1].flags, book.seen[-1].proved_s) == (6, MIDNIGHT + HOUR_S - 7)


def test_an_hour_of_very_many_kinds_is_closed_early(disk: CutDisk) -> None:
    book = open_on(disk)
    rows = tuple(row(features=n) for n in range(1_100))

    book.add(UsageBatch("api-1", bytes(8), 1, rows))

    assert book.status().records == 2 + 1_101
    assert reported(book).totals.requests == 11_000


def test_events_are_written_at_once_and_told_in_order(disk: CutDisk) -> None:
    book = open_on(disk)
    book.note(RecordKind.INSTALL, bytes(16), 1, bytes(32))
    book.note(RecordKind.REDEEM, bytes(16), 1, 2, MIDNIGHT)

    again = open_on(disk)

    assert kinds(again)[:3] == [
        RecordKind.START,
        RecordKind.INSTALL,
        RecordKind.REDEEM,
    ]
    assert again.events[2].fields["redeemed"] == 2


def test_an_event_of_another_form_is_refused_at_once(disk: CutDisk) -> None:
    book = open_on(disk)

    with pytest.raises(SchemaError):
        book.note(RecordKind.GAP, b"text")

    book.note(RecordKind.GAP, 1)


def test_a_clean_stop_leaves_no_gap(disk: CutDisk) -> None:
    open_on(disk).close()
    open_on(disk).close()

    assert kinds(open_on(disk)) == [RecordKind.START] * 3


def test_a_kill_is_noted_as_a_gap_of_at_most_five_seconds(disk: CutDisk) -> None:
    open_on(disk)

    book = open_on(disk)

    assert kinds(book) == [RecordKind.START, RecordKind.GAP, RecordKind.START]
    assert book.events[1].fields == {"lost_s": 5}


def test_a_lost_open_hour_is_a_gap_of_an_hour(disk: CutDisk) -> None:
    open_on(disk).close()
    disk.hours = [b"damaged"]

    book = open_on(disk)

    assert book.events[-2].fields == {"lost_s": HOUR_S}


def test_starts_of_the_host_are_counted(disk: CutDisk) -> None:
    for boot_id in ("a", "a", "b"):
        open_on(disk, moment(boot_id=boot_id)).close()

    assert [one.boot for one in open_on(disk, moment(boot_id="b")).events] == [
        *(1, 1),
        *(2, 2),
    ]


def test_a_report_goes_on_behind_what_was_acknowledged(disk: CutDisk) -> None:
    book = open_on(disk)
    book.add(batch(1))
    first = reported(book).head
    book.add(batch(2, requests=7))

    assert book.status(first.ack).since_ack.requests == 7
    assert reported(book, since=first.index).totals.requests == 7
    assert book.status(book.status().ack).since_s == MIDNIGHT


def test_a_report_without_anything_new_writes_nothing(disk: CutDisk) -> None:
    book = open_on(disk)
    book.add(batch(1))

    assert book.report(Level.DAILY) == book.report(Level.DAILY)


def test_a_ledger_that_lacks_what_was_acknowledged_is_a_fork(disk: CutDisk) -> None:
    """The license names a place that a restored snapshot never had."""
    book = open_on(disk)

    assert book.status((10**6, bytes(16))).forked
    assert not book.status(book.status().ack).forked


def test_the_status_is_numbers_and_dates(disk: CutDisk) -> None:
    book = open_on(disk)
    book.add(batch(1))

    shown = book.status().to_json()

    assert shown["records"] == shown["index"] == 2
    assert shown["bytes"] == 2 * SLOT_BYTES
    assert shown["since"] == "2027-01-16T00:00:00Z"
    assert shown["lossy"] is False
    assert shown["since_ack"] == {
        "requests": 10,
        "served": 10,
        "refused": 0,
        "failed": 0,
        "canceled": 0,
        "audio_ms": 60_000,
        "chars": 900,
        "peak_streams": 2,
    }


@pytest.mark.parametrize("wall_s", [-5, 10**18])
def test_an_impossible_clock_stops_nothing(disk: CutDisk, wall_s: int) -> None:
    book = open_on(disk, moment(wall_s=wall_s, t_s=max(wall_s, MIDNIGHT)))
    book.add(batch(1))

    assert reported(book).until_s == min(max(wall_s, 0), LATEST_S)


# A disk that is full or broken (case 60).


def test_a_full_disk_stops_nothing_and_is_noted_later(disk: CutDisk) -> None:
    book = open_on(disk)
    disk.full = True
    for hour in range(25):
        book.tick(moment(hour * HOUR_S))
        assert book.add(batch(hour + 1, hour_s=MIDNIGHT + hour * HOUR_S)) == hour + 1
    status = book.status()
    assert (status.lossy, status.lossy_s) == (True, 24 * HOUR_S)
    assert status.since_ack.requests == 250

    disk.full = False
    book.tick(moment(25 * HOUR_S))

    assert not book.status().lossy
    assert book.events[-1].fields == {"rows": 25, "span_s": 25 * HOUR_S}
    assert reported(book).totals.requests == 250


def test_a_disk_that_works_again_is_noticed_inside_an_hour(disk: CutDisk) -> None:
    book = open_on(disk)
    disk.full = True
    book.add(batch(1))
    book.note(RecordKind.OVERAGE, 8, 9)
    disk.full = False

    book.tick(moment(5))

    assert kinds(book) == [RecordKind.START, RecordKind.OVERAGE, RecordKind.LOSSY]
    assert not book.status().lossy


def test_a_report_is_given_while_the_disk_is_full(disk: CutDisk) -> None:
    book = open_on(disk)
    book.add(batch(1))
    reported(book)
    disk.full = True
    book.add(batch(2))

    assert reported(book).totals.requests == 10


def test_a_disk_that_is_full_from_the_start_stops_nothing(disk: CutDisk) -> None:
    disk.full = True
    book = open_on(disk)
    book.add(batch(1))
    with pytest.raises(LedgerError):
        book.report(Level.DAILY)

    disk.full = False
    book.tick(moment(5))

    assert reported(book).totals.requests == 10


def test_a_folder_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    """A folder stands where the records should be."""
    (tmp_path / "records").mkdir()

    book = open_book(tmp_path, INSTALL_KEY, moment())
    book.add(batch(1))
    book.tick(moment(HOUR_S))

    assert book.status().lossy
    assert book.status().since_ack.requests == 10
    with pytest.raises(LedgerError):
        book.report(Level.DAILY)


def test_records_that_become_unreadable_give_no_report(tmp_path: Path) -> None:
    book = open_book(tmp_path, INSTALL_KEY, moment())
    (tmp_path / "records").unlink()
    (tmp_path / "records").mkdir()

    with pytest.raises(LedgerError, match="cannot be read"):
        book.report(Level.DAILY)


# Damage (the line of the failure policy on a chain that is broken in the middle).


def grown(disk: CutDisk, hours: int = 6) -> Book:
    book = open_on(disk)
    for hour in range(hours):
        book.add(batch(hour + 1, hour_s=MIDNIGHT + hour * HOUR_S))
        book.tick(moment((hour + 1) * HOUR_S))
    return book


def broken(book: Book) -> list[Record]:
    return [one for one in book.events if one.kind is RecordKind.BROKEN]


def test_damage_in_the_middle_is_noted_once_and_counting_goes_on(disk: CutDisk) -> None:
    grown(disk).close()
    hurt = bytearray(disk.records)
    hurt[4 * SLOT_BYTES + 9] ^= 1
    disk.records = bytes(hurt)

    open_on(disk).close()
    book = open_on(disk, moment(6 * HOUR_S))
    book.add(batch(7, requests=7))

    (note,) = broken(book)
    assert note.fields["at"] == 4
    assert first_bad(disk.records, INSTALL_PUBLIC) == 4
    assert book.status().gaps == 1
    assert book.status(book.status().ack).gaps == 0
    assert reported(book).totals.requests == 57


@pytest.mark.parametrize(("keep", "at"), [(0, 0), (5, 0), (384, 2), (967, 4)])
def test_an_end_that_was_cut_off_is_noted_once(
    disk: CutDisk, keep: int, at: int
) -> None:
    """The saved hour knows where the ledger stood (case 58, seen on the site)."""
    before = grown(disk).status()
    disk.records = disk.records[:keep]

    open_on(disk).close()
    book = open_on(disk, moment(6 * HOUR_S))

    (note,) = broken(book)
    assert note.fields["at"] == at
    assert book.status().records > before.records
    assert not book.status(before.ack).forked


def test_a_disk_that_fails_while_damage_is_noted_stops_nothing(disk: CutDisk) -> None:
    grown(disk).close()
    disk.records = b""
    disk.full = True
    book = open_on(disk)
    disk.full = False

    book.tick(moment(5))

    assert len(broken(book)) == 1


# Power cuts (case 59).


def test_a_power_cut_at_any_byte_loses_nothing_that_was_acknowledged() -> None:
    """Every batch is sent again until it is acknowledged, as the services do."""
    for seed in range(200):
        live_through_cuts(seed, lives=5)


def live_through_cuts(seed: int, lives: int) -> None:
    chance = random.Random(seed)
    disk = CutDisk(chance)
    number, clock = 1, 0
    for _ in range(lives):
        disk.left = chance.randrange(2_000)
        try:
            book = open_on(disk, moment(clock))
            while True:
                clock += chance.choice([10, HOUR_S // 2, DAY_S // 3])
                book.tick(moment(clock))
                book.add(batch(number, hour_s=MIDNIGHT + clock))
                number += 1
        except PowerCutError:
            disk.left = None
    book = open_on(disk, moment(clock))
    book.add(batch(number, hour_s=MIDNIGHT + clock))

    report = reported(book)
    assert report.totals.requests == 10 * number
    assert RecordKind.BROKEN not in kinds(book)
    assert first_bad(disk.records, INSTALL_PUBLIC) is None
    gaps = [one for one in book.events if one.kind is RecordKind.GAP]
    assert {one.number("lost_s") for one in gaps} <= {5}


# The open hour on disk.

HOUR = OpenHour(
    genesis(INSTALL_PUBLIC), 3, (row(), row(features=1)), {b"12345678": 4}, 2
)


def test_every_field_of_the_open_hour_survives() -> None:
    assert decode_open_hour(encode_open_hour(HOUR)) == HOUR


@pytest.mark.parametrize(
    "change",
    [
        {1: 2},
        {2: 5},
        {4: [1]},
        {4: b"\x03abc"},
        {5: [1]},
        {5: [b"\x01"]},
        {7: b""},
    ],
    ids=str,
)
def test_other_bytes_are_no_open_hour(change: dict[int, object]) -> None:
    value = cbor.decode(encode_open_hour(HOUR))
    assert isinstance(value, dict)

    with pytest.raises(LicenseError):
        decode_open_hour(cbor.encode({**value, **change}))


def test_a_row_of_another_kind_is_no_open_hour() -> None:
    value = cbor.decode(encode_open_hour(HOUR))
    assert isinstance(value, dict)
    start = bytes.fromhex("850000000180")

    with pytest.raises(SchemaError, match="records of usage"):
        decode_open_hour(cbor.encode({**value, 4: bytes([len(start)]) + start}))
