"""The ledger as bytes: damage is found, named and survived (cases 58 and 59)."""

from __future__ import annotations

import random

import pytest

from offline_license.checkpoint import Stamp, genesis
from offline_license.errors import LedgerError
from offline_license.ledger import (
    SLOT_BYTES,
    Batch,
    Hole,
    Writer,
    confirmed_place,
    first_bad,
    read_ledger,
)
from offline_license.ledger_schema import RecordKind
from tests.support.ledgers import (
    INSTALL_KEY,
    INSTALL_PUBLIC,
    MIDNIGHT,
    Ledger,
)
from tests.support.licensing import test_key

LEDGER = Ledger.of_hours(5)
SLOTS = [
    LEDGER.slots[at : at + SLOT_BYTES] for at in range(0, len(LEDGER.slots), SLOT_BYTES)
]
EACH = range(len(SLOTS))


def parts(slots: bytes) -> list[Batch | Hole]:
    return list(read_ledger(slots, genesis(INSTALL_PUBLIC), INSTALL_PUBLIC))


def bad_in(slots: list[bytes]) -> int | None:
    return first_bad(b"".join(slots), INSTALL_PUBLIC)


def test_a_ledger_is_read_batch_by_batch_to_its_end() -> None:
    batches = parts(LEDGER.slots)

    assert all(isinstance(one, Batch) for one in batches)
    assert batches[-1].end == LEDGER.mark
    assert bad_in(SLOTS) is None


@pytest.mark.parametrize("index", EACH)
def test_a_flipped_record_is_named(index: int) -> None:
    for at in (0, 1, 30, SLOT_BYTES - 5, SLOT_BYTES - 1):
        flipped = LEDGER.with_flipped(index, at=at).slots
        assert first_bad(flipped, INSTALL_PUBLIC) == index


@pytest.mark.parametrize("index", EACH[:-1])
def test_a_deleted_record_is_named(index: int) -> None:
    assert bad_in([*SLOTS[:index], *SLOTS[index + 1 :]]) == index


@pytest.mark.parametrize("index", EACH)
def test_an_inserted_record_is_named(index: int) -> None:
    """A copy of an earlier record in front of each one."""
    assert bad_in([*SLOTS[:index], SLOTS[0], *SLOTS[index:]]) == max(index, 1)


@pytest.mark.parametrize("index", EACH[:-1])
def test_the_first_of_two_exchanged_records_is_named(index: int) -> None:
    swapped = [*SLOTS]
    swapped[index], swapped[index + 1] = swapped[index + 1], swapped[index]

    assert bad_in(swapped) == index


def test_a_record_written_anew_without_the_key_is_a_hole() -> None:
    """Somebody edits a row and computes every check again, but cannot sign."""
    writer = Writer(genesis(INSTALL_PUBLIC), 1)
    writer.add(RecordKind.START, MIDNIGHT)
    stamp = Stamp(MIDNIGHT, MIDNIGHT, 1, 0, 0)

    forged = writer.seal(stamp, test_key("somebody"))

    assert first_bad(forged, INSTALL_PUBLIC) == 0


def test_a_genuine_checkpoint_behind_other_records_confirms_nothing() -> None:
    """The records of one ledger before the checkpoint of another."""
    other = Ledger(seed=2)
    other.note(RecordKind.GAP, 5)

    mixed = other.slots[:SLOT_BYTES] + LEDGER.slots[SLOT_BYTES:]

    assert first_bad(mixed, INSTALL_PUBLIC) == 1
    batches = [one for one in parts(mixed) if isinstance(one, Batch)]
    assert batches[0].start.index == 1


def test_damage_costs_its_batch_and_no_more() -> None:
    whole = parts(LEDGER.slots)
    spoiled = next(one for one in whole if one.start.index == 5)

    found = parts(LEDGER.with_flipped(6).slots)

    at = whole.index(spoiled)
    hole, alone = found[at : at + 2]
    assert isinstance(alone, Batch)
    assert hole == Hole(spoiled.start, at=6, end=alone.start)
    assert isinstance(hole, Hole)
    assert (hole.last, hole.lost_summary) == (6, False)
    assert [one.kind for one in alone.records] == [RecordKind.CHECKPOINT]
    assert found[:at] + found[at + 2 :] == whole[:at] + whole[at + 1 :]


def test_what_follows_the_last_checkpoint_does_not_count() -> None:
    for cut in range(SLOT_BYTES * (len(SLOTS) - 1), len(LEDGER.slots), 7):
        *batches, tail = parts(LEDGER.slots[:cut])

        assert isinstance(tail, Hole)
        assert tail.end is None
        assert not tail.lost_summary
        assert tail.last == tail.at
        assert tail.start == batches[-1].end


def test_ten_thousand_power_cuts_leave_what_was_confirmed_before() -> None:
    """A write is cut at a random byte, and the disk may hold anything behind it."""
    batches = [one for one in parts(LEDGER.slots) if isinstance(one, Batch)]
    chance = random.Random(59)

    for _ in range(10_000):
        batch = chance.choice(batches)
        begin, end = batch.start.index * SLOT_BYTES, batch.end.index * SLOT_BYTES
        cut = chance.randint(begin, end)
        rubbish = chance.randbytes(chance.choice([0, 0, 5, 300]))
        disk = LEDGER.slots[:cut] + rubbish
        found = read_ledger(disk, batch.start, INSTALL_PUBLIC)

        kept = [one for one in found if isinstance(one, Batch)]
        assert kept == ([batch] if cut == end else [])


def test_a_place_is_confirmed_by_the_checkpoint_before_it() -> None:
    for part in parts(LEDGER.slots):
        assert isinstance(part, Batch)
        place, checkpoint = confirmed_place(
            LEDGER.slots, INSTALL_PUBLIC, part.end.index
        )
        assert (place, checkpoint) == (part.end, part.checkpoint)


@pytest.mark.parametrize("index", [1, len(SLOTS) + 1, 10**9])
def test_no_other_place_is(index: int) -> None:
    with pytest.raises(LedgerError):
        confirmed_place(LEDGER.slots, INSTALL_PUBLIC, index)


def test_the_beginning_needs_no_checkpoint() -> None:
    assert confirmed_place(b"", INSTALL_PUBLIC, 0) == (genesis(INSTALL_PUBLIC), None)


def test_a_batch_is_what_was_written() -> None:
    writer = Writer(genesis(INSTALL_PUBLIC), 1)
    writer.add(RecordKind.START, MIDNIGHT)

    slots = writer.seal(Stamp(MIDNIGHT, MIDNIGHT, 1, 0, 0), INSTALL_KEY)

    assert parts(slots) == [writer.batch]
