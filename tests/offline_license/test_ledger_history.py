"""What a ledger tells when it is read again."""

from __future__ import annotations

from offline_license.checkpoint import genesis
from offline_license.ledger_days import totals_of
from offline_license.ledger_history import History, Seen, read_history
from offline_license.ledger_schema import RecordKind
from offline_license.tolerances import HOUR_S
from offline_license.usage import Totals
from tests.support.ledgers import INSTALL_PUBLIC, MIDNIGHT, Ledger, row


def history_of(ledger: Ledger) -> History:
    return read_history(ledger.slots, INSTALL_PUBLIC)


def test_an_empty_ledger_tells_nothing() -> None:
    history = read_history(b"", INSTALL_PUBLIC)

    assert history == History(genesis(INSTALL_PUBLIC), open_days=history.open_days)
    assert history.closed == 0
    assert history.totals_since(0) == Totals()
    assert history.began_s(0) == 0


def test_days_events_and_checkpoints_are_told_in_order() -> None:
    ledger = Ledger.of_hours(25)
    ledger.note(RecordKind.GAP, 5)

    history = history_of(ledger)

    assert history.mark == ledger.mark
    assert [one.kind for one in history.events] == [RecordKind.START, RecordKind.GAP]
    assert [one.number("rows") for one in history.days] == [48, 2]
    assert history.closed == 25
    assert history.seen[0] == Seen(1, MIDNIGHT, MIDNIGHT, 0)
    assert history.seen[-1].wall_s == MIDNIGHT + 25 * HOUR_S


def test_rows_that_no_day_covers_are_kept_and_counted() -> None:
    ledger = Ledger()
    ledger.hour(row(), row(features=1))

    history = history_of(ledger)

    assert history.open_days.rows == ledger.open_days.rows
    assert history.totals_since(0).requests == 20
    assert totals_of(history.open_days.rows[0]).served == 10


def test_sums_begin_behind_what_was_acknowledged() -> None:
    ledger = Ledger.of_hours(2)
    acknowledged = ledger.mark.index
    ledger.hour(row(requests=7))
    ledger.close_days()

    history = history_of(ledger)

    assert history.totals_since(acknowledged).requests == 7
    assert history.totals_since(0).requests == 47
    assert history.began_s(acknowledged) == MIDNIGHT + 2 * HOUR_S
    assert history.began_s(0) == MIDNIGHT


def test_a_hole_is_new_until_a_record_speaks_of_it() -> None:
    hurt = Ledger.of_hours(3).with_flipped(3)
    hurt.mark = history_of(hurt).mark

    (hole,) = history_of(hurt).new_holes()
    hurt.note(RecordKind.BROKEN, hole.at, hole.start.digest)

    assert hole.at == 3
    assert history_of(hurt).new_holes() == ()
    assert len(history_of(hurt).holes) == 1


def test_a_lost_end_is_a_hole_once_its_place_is_known_from_elsewhere() -> None:
    ledger = Ledger.of_hours(3)
    whole = ledger.mark
    ledger.slots = ledger.slots[: 192 * 7 + 5]

    history = history_of(ledger)
    assert history.tail is not None
    assert history.holes == []
    history.resume(whole)

    assert history.mark == whole
    assert [(hole.at, hole.end) for hole in history.holes] == [(5, whole)]


def test_a_ledger_that_ends_in_order_can_still_be_too_short() -> None:
    ledger = Ledger.of_hours(3)
    whole = ledger.mark
    ledger.slots = ledger.slots[: 192 * 5]

    history = history_of(ledger)
    history.resume(whole)

    assert [hole.at for hole in history.holes] == [5]


def test_a_ledger_knows_what_was_acknowledged_of_it() -> None:
    ledger = Ledger.of_hours(3)
    history = history_of(ledger)
    clone = history_of(Ledger.of_hours(3, seed=2))

    assert not history.lacks(ledger.mark.ack)
    assert not history.lacks((0, bytes(16)))
    assert clone.lacks(ledger.mark.ack)
    assert history.lacks((10**6, bytes(16)))


def test_nothing_is_said_of_an_acknowledged_place_inside_a_hole() -> None:
    ledger = Ledger.of_hours(3)
    place = ledger.mark.ack
    short = history_of(Ledger.of_hours(1))
    short.resume(ledger.mark)
    short.mark = ledger.mark

    assert not short.lacks((place[0] - 2, bytes(16)))


def test_rows_stay_countable_behind_a_hole_that_took_no_day() -> None:
    ledger = Ledger()
    for _ in range(3):
        ledger.hour(row())

    history = history_of(ledger.with_flipped(2))

    assert [one.index for one in history.open_days.rows] == [0, 4]


def test_rows_whose_day_was_lost_are_not_counted_again() -> None:
    ledger = Ledger.of_hours(3)
    ledger.hour(row(requests=7))
    (day,) = ledger.verified().days

    history = history_of(ledger.with_flipped(day.index))

    assert history.totals_since(0).requests == 7
