"""The usage ledger as bytes: slots of one width, written in sealed batches.

A batch ends with a checkpoint. What follows the last checkpoint is a write that a power
cut interrupted, and does not count. Damage in the middle is a hole up to the next
checkpoint, which names the chains that go on behind it: one spoiled block costs an hour
of detail and no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offline_license.checkpoint import (
    Mark,
    Stamp,
    genesis,
    mark_before,
    sign_checkpoint,
    verify_checkpoint,
)
from offline_license.errors import LedgerError, LicenseError
from offline_license.ledger_schema import Record, RecordKind, encode_record
from offline_license.ledger_slots import (
    SLOT_BYTES,
    next_record,
    pack_slot,
    record_in,
    slot_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offline_license.keys import Ed25519PrivateKey
    from offline_license.ledger_fields import Scalar

__all__ = [
    "SLOT_BYTES",
    "Batch",
    "Hole",
    "Writer",
    "confirmed_place",
    "first_bad",
    "read_ledger",
]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that one checkpoint confirms.

    Attributes:
        start: the place before the first of them.
        records: all of them; the last one is the checkpoint.
        end: the place behind the checkpoint.
    """

    start: Mark
    records: tuple[Record, ...]
    end: Mark

    @property
    def checkpoint(self) -> Record:
        """The record that confirms the others."""
        return self.records[-1]


@dataclass(frozen=True, slots=True)
class Hole:
    """Records that cannot be believed.

    Attributes:
        start: the last confirmed place before them.
        at: the first record that is not as it was written.
        end: the place behind them where the chains go on; None where they do not.
    """

    start: Mark
    at: int
    end: Mark | None

    @property
    def last(self) -> int:
        """The last record that cannot be believed."""
        return self.at if self.end is None else self.end.index - 1

    @property
    def lost_summary(self) -> bool:
        """Whether days or events are among them."""
        return self.end is not None and self.end.count != self.start.count


@dataclass(slots=True)
class Writer:
    """Collects one batch.

    Attributes:
        start: the place before it.
        boot: counts the starts of the host.
        mark: the place behind what was written so far.
        records: what was written so far.
    """

    start: Mark
    boot: int
    mark: Mark = field(init=False)
    records: list[Record] = field(default_factory=list, init=False)
    _slots: bytearray = field(default_factory=bytearray, init=False)

    def __post_init__(self) -> None:
        """Begin at the start."""
        self.mark = self.start

    def add(self, kind: RecordKind, t: int, *body: Scalar) -> Record:
        """Write one record and return it.

        Raises:
            SchemaError: the body is not as the table demands.
        """
        record = Record(self.mark.index, t, self.boot, kind, body)
        self._write(record)
        return record

    def seal(self, stamp: Stamp, key: Ed25519PrivateKey) -> bytes:
        """Confirm the batch by a checkpoint and return its slots."""
        self._write(sign_checkpoint(self.mark, stamp, key))
        return bytes(self._slots)

    @property
    def batch(self) -> Batch:
        """What was written."""
        return Batch(self.start, tuple(self.records), self.mark)

    def _write(self, record: Record) -> None:
        data = encode_record(record)
        self.mark = self.mark.after(data, record.kind)
        self.records.append(record)
        self._slots += pack_slot(data, self.mark)


def read_ledger(slots: bytes, start: Mark, public: bytes) -> Iterator[Batch | Hole]:
    """Walk over the batches and holes of a ledger in their order.

    Args:
        slots: the whole ledger; an incomplete slot at the end does not count.
        start: where to begin.
        public: the install key that signs the checkpoints.
    """
    reader = _Reader(start, public)
    for index in range(start.index, len(slots) // SLOT_BYTES):
        yield from reader.take(slot_at(slots, index))
    yield from reader.finish(torn=len(slots) % SLOT_BYTES > 0)


def first_bad(slots: bytes, public: bytes) -> int | None:
    """Return the index of the first record that is not as it was written."""
    for part in read_ledger(slots, genesis(public), public):
        if isinstance(part, Hole):
            return part.at
    return None


def confirmed_place(
    slots: bytes, public: bytes, index: int
) -> tuple[Mark, Record | None]:
    """Return the place of an index and the checkpoint that stands before it.

    Args:
        slots: a whole ledger.
        public: the install key that signs the checkpoints.
        index: 0, or the index behind a checkpoint.

    Raises:
        LedgerError: no checkpoint stands there.
    """
    if index == 0:
        return genesis(public), None
    alone = _checkpoint_alone(slot_at(slots, index - 1), index - 1, public)
    if alone is None:
        raise LedgerError(f"expected a checkpoint at record {index - 1}, found none")
    return alone.end, alone.checkpoint


class _Reader:
    """Takes slot after slot; either it follows the chain or it looks for it again."""

    def __init__(self, start: Mark, public: bytes) -> None:
        self._public = public
        self._sealed = self._mark = start
        self._index = start.index
        self._open: list[Record] = []
        self._lost_at: int | None = None

    def take(self, slot: bytes) -> Iterator[Batch | Hole]:
        """Read the next slot."""
        if self._lost_at is None:
            yield from self._follow(slot)
        if self._lost_at is not None:
            yield from self._resume(slot, self._lost_at)
        self._index += 1

    def finish(self, *, torn: bool) -> Iterator[Hole]:
        """Report what no checkpoint confirms."""
        if self._lost_at is None and (self._open or torn):
            self._lost_at = self._sealed.index
        if self._lost_at is not None:
            yield Hole(self._sealed, self._lost_at, None)

    def _follow(self, slot: bytes) -> Iterator[Batch]:
        """Take the next record of the chain."""
        found = next_record(self._mark, slot)
        if found is None:
            self._lost_at = self._index
            return
        before, (record, self._mark) = self._mark, found
        self._open.append(record)
        if record.kind is RecordKind.CHECKPOINT:
            if mark_before(record) == before and _genuine(record, self._public):
                yield self._seal()
            else:
                self._lost_at = self._sealed.index

    def _resume(self, slot: bytes, lost_at: int) -> Iterator[Batch | Hole]:
        """Go on from a checkpoint that names the chains itself."""
        alone = _checkpoint_alone(slot, self._index, self._public)
        if alone is not None:
            yield Hole(self._sealed, lost_at, alone.start)
            yield alone
            self._sealed = self._mark = alone.end
            self._open, self._lost_at = [], None

    def _seal(self) -> Batch:
        batch = Batch(self._sealed, tuple(self._open), self._mark)
        self._sealed, self._open = self._mark, []
        return batch


def _checkpoint_alone(slot: bytes, index: int, public: bytes) -> Batch | None:
    """Return a checkpoint that holds by itself, whatever stands before it."""
    record = record_in(slot)
    if record is None or record.kind is not RecordKind.CHECKPOINT:
        return None
    before = mark_before(record)
    found = next_record(before, slot)
    if found is None or before.index != index or not _genuine(record, public):
        return None
    return Batch(before, (record,), found[1])


def _genuine(checkpoint: Record, public: bytes) -> bool:
    try:
        verify_checkpoint(checkpoint, public)
    except LicenseError:
        return False
    return True
