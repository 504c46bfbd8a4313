"""What a ledger tells when it is read from the beginning.

Everything that the running book needs to go on, and what rebuilds a lost memory: the
days and events, the rows that no day covers yet, and each place a checkpoint confirms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from offline_license.checkpoint import Mark, genesis
from offline_license.ledger import Batch, Hole, read_ledger
from offline_license.ledger_days import OpenDays, totals_of
from offline_license.ledger_schema import SUMMARY_KINDS, Record, RecordKind
from offline_license.usage import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["History", "Seen", "read_history"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one checkpoint saw, without its proofs: it is kept for years of hours.

    Attributes:
        index: its place.
        wall_s, proved_s: the wall clock and the proved time, seconds UTC.
        flags: one bit per flag that was raised.
    """

    index: int
    wall_s: int
    proved_s: int
    flags: int

    @property
    def at_s(self) -> int:
        """Effective time, seconds UTC."""
        return max(self.wall_s, self.proved_s)


@dataclass(slots=True)
class History:
    """A ledger up to its last confirmed record.

    Attributes:
        mark: the place behind it.
        checkpoint: the last one; None in an empty ledger.
        days, events: the records that reports show, in order.
        seen: what each checkpoint saw, in order.
        open_days: the rows that no day covers.
        holes: records that cannot be believed.
        places: each confirmed place: its index, and 16 bytes of its digest.
        tail: records at the end that no checkpoint confirms.
    """

    mark: Mark
    checkpoint: Record | None = None
    days: list[Record] = field(default_factory=list)
    events: list[Record] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    open_days: OpenDays = field(default_factory=OpenDays)
    holes: list[Hole] = field(default_factory=list)
    places: dict[int, bytes] = field(default_factory=dict)
    tail: Hole | None = None

    def take(self, batch: Batch) -> None:
        """Go on behind one more batch."""
        for record in batch.records:
            self.open_days.take(record)
            if record.kind is RecordKind.DAY:
                self.days.append(record)
            elif record.kind in SUMMARY_KINDS:
                self.events.append(record)
        self.checkpoint = batch.checkpoint
        self.seen.append(_seen(batch.checkpoint))
        self._stand_at(batch.end)

    def resume(self, mark: Mark) -> None:
        """Go on at a place that is known from elsewhere, behind a lost end."""
        at = self.mark.index if self.tail is None else self.tail.at
        self.jump(Hole(self.mark, at, mark), mark)
        self.tail = None

    def jump(self, hole: Hole, end: Mark) -> None:
        """Go on at the end of a hole."""
        self.holes.append(hole)
        self.open_days.jump(hole)
        self._stand_at(end)

    def _stand_at(self, mark: Mark) -> None:
        index, digest = mark.ack
        self.mark, self.places[index] = mark, digest

    @property
    def closed(self) -> int:
        """Hours that were written down."""
        return self.checkpoint.number("closed") if self.checkpoint else 0

    def totals_since(self, index: int) -> Totals:
        """Return the sums of what was written from an index on."""
        counted = _since(index, (*self.days, *self.open_days.rows))
        return reduce(Totals.__add__, map(totals_of, counted), Totals())

    def began_s(self, index: int) -> int:
        """Return when what was written from an index on began, seconds UTC.

        That is the effective time of the checkpoint before it, or of the first one.
        """
        before = [one for one in self.seen if one.index < index] or self.seen[:1]
        return before[-1].at_s if before else 0

    def new_holes(self) -> tuple[Hole, ...]:
        """Return the holes that no record speaks of yet."""
        noted = [x.number("at") for x in self.events if x.kind is RecordKind.BROKEN]
        return tuple(
            hole
            for hole in self.holes
            if not any(hole.start.index <= at <= hole.last for at in noted)
        )

    def lacks(self, ack: tuple[int, bytes]) -> bool:
        """Tell whether this ledger is another one than was acknowledged."""
        index, digest = ack
        if any(hole.start.index < index <= hole.last for hole in self.holes):
            return False
        return index > 0 and self.places.get(index) != digest


def read_history(slots: bytes, install_public: bytes) -> History:
    """Read a ledger from its beginning.

    What follows the last checkpoint is no hole: a power cut may have interrupted it.
    """
    history = History(genesis(install_public))
    for part in read_ledger(slots, history.mark, install_public):
        if isinstance(part, Batch):
            history.take(part)
        elif part.end is None:
            history.tail = part
        else:
            history.jump(part, part.end)
    return history


def _seen(checkpoint: Record) -> Seen:
    return Seen(
        checkpoint.index,
        checkpoint.t,
        checkpoint.number("proved"),
        checkpoint.number("flags"),
    )


def _since(index: int, records: Iterable[Record]) -> Iterator[Record]:
    return (one for one in records if one.index >= index)
