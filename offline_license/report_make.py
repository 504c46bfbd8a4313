"""Take from a ledger what a report shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offline_license.errors import LedgerError
from offline_license.ledger import Batch, Hole, confirmed_place, read_ledger
from offline_license.ledger_days import OpenDays, leaf_of
from offline_license.ledger_schema import SUMMARY_KINDS, Record, RecordKind
from offline_license.merkle import root_hash
from offline_license.report_payload import DayRows, Evidence, Leaf, Level
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["gather"]


def gather(
    slots: bytes,
    install_public: bytes,
    *,
    since: int,
    level: Level,
    license_: tuple[bytes, int] | None,
) -> Evidence:
    """Return what a report of this ledger shows.

    Args:
        slots: the whole ledger.
        install_public: the key that signs its checkpoints.
        since: 0, or the index behind a checkpoint, as an acknowledgment names it.
        level: whether hours are shown.
        license_: lineage and sequence number of the license in use.

    Raises:
        LedgerError: no checkpoint stands before ``since``, or the ledger is empty.
    """
    place, checkpoint = confirmed_place(slots, install_public, since)
    taken = _Taken(shows_hours=level is Level.HOURLY)
    taken.confirm(checkpoint)
    for part in read_ledger(slots, place, install_public):
        if isinstance(part, Batch):
            taken.take(part)
        else:
            taken.jump(part)
    taken.confirm(taken.last)
    if not taken.records:
        raise LedgerError("expected a ledger with a checkpoint, found an empty one")
    return Evidence(
        license_, install_public, level, tuple(taken.records), tuple(taken.hours)
    )


@dataclass(slots=True)
class _Taken:
    """Collects records in the order of the ledger."""

    shows_hours: bool
    records: list[Record] = field(default_factory=list)
    hours: list[DayRows] = field(default_factory=list)
    last: Record | None = None
    _days: OpenDays = field(default_factory=OpenDays)
    _jumped: bool = False

    def take(self, batch: Batch) -> None:
        """Take the days and events of a batch."""
        for record in batch.records:
            covered = self._days.take(record)
            if record.kind in SUMMARY_KINDS:
                self.records.append(record)
            if record.kind is RecordKind.DAY and self.shows_hours:
                self._show(record, covered)
        self.last = batch.checkpoint
        if self._jumped:
            self.confirm(self.last)
        self._jumped = False

    def jump(self, hole: Hole) -> None:
        """Show the checkpoints on both sides of a hole."""
        self.confirm(self.last)
        self._days.jump(hole)
        self._jumped = True

    def confirm(self, checkpoint: Record | None) -> None:
        """Show a checkpoint, once."""
        if checkpoint and self.records[-1:] != [checkpoint]:
            self.records.append(checkpoint)
        self.last = checkpoint

    def _show(self, day: Record, rows: Sequence[Record]) -> None:
        """Show the rows of a day where all of them are there."""
        if rows and root_hash([leaf_of(row) for row in rows]) == day.octets("root"):
            self.hours.append(DayRows(day.index, tuple(map(_leaf, rows))))


def _leaf(row: Record) -> Leaf:
    """Return a row, or its hash where it is too small to be shown."""
    small = row.number("requests") < TOLERANCES.row_requests
    return leaf_of(row) if small else row
