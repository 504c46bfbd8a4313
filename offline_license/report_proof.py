"""What the records of a report prove, step by step.

Days and events count once a checkpoint behind them confirms their chain. A report may
begin at a checkpoint, and it may jump to one: a jump is a break, shown with the places
on both sides, and nothing between can have been left out unseen. The rows of a day must
lead to its root, and no row may be shown that is small enough to tell of one person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from offline_license.checkpoint import (
    Mark,
    genesis,
    mark_before,
    verify_checkpoint,
)
from offline_license.errors import ReportProofError, SignatureError
from offline_license.ledger_days import leaf_of, totals_of
from offline_license.ledger_schema import Record, RecordKind, encode_record
from offline_license.merkle import root_hash
from offline_license.report_payload import DayRows, Evidence, Level
from offline_license.tolerances import TOLERANCES
from offline_license.usage import Totals

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Proof", "prove"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What holds of a report.

    Attributes:
        start: where it begins; the beginning of the ledger, or a checkpoint.
        head: where it ends, behind the last checkpoint.
        path: the summary chain, by how many days and events are behind it.
        numbered: days and events, by the same number.
        breaks: where records are missing: the last and the next one that are there.
    """

    start: Mark
    head: Mark
    path: Mapping[int, bytes]
    numbered: Mapping[int, Record]
    breaks: tuple[tuple[int, int], ...]


def prove(evidence: Evidence) -> Proof:
    """Recompute everything that a report says.

    Raises:
        ReportProofError: something does not follow.
    """
    walk = _Walk(evidence.install_key, evidence.records[0])
    for record in evidence.records:
        walk.take(record)
    if walk.unconfirmed:
        raise ReportProofError("expected a checkpoint at the end of the records")
    _check_hours(evidence)
    return Proof(walk.start, walk.place, walk.path, walk.numbered, tuple(walk.breaks))


@dataclass(slots=True)
class _Walk:
    """Follows the summary chain from record to record."""

    install_key: bytes
    first: Record
    start: Mark = field(init=False)
    place: Mark = field(init=False)
    index: int = field(default=-1, init=False)
    unconfirmed: int = field(default=0, init=False)
    path: dict[int, bytes] = field(default_factory=dict, init=False)
    numbered: dict[int, Record] = field(default_factory=dict, init=False)
    breaks: list[tuple[int, int]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Begin at the beginning of the ledger, or at the checkpoint that is first."""
        self.start = self.place = genesis(self.install_key)
        if self.first.kind is RecordKind.CHECKPOINT:
            self.place = mark_before(self.first)
            self.start = _after(self.place, self.first)
        self.path[self.start.count] = self.start.summary

    def take(self, record: Record) -> None:
        """Take the next record."""
        if record.index <= self.index:
            raise ReportProofError(f"record {record.index} is out of order")
        if record.kind is RecordKind.USAGE:
            raise ReportProofError(f"record {record.index} is a row among the days")
        if record.kind is RecordKind.CHECKPOINT:
            self._confirm(record)
            self.place = _after(self.place, record)
        else:
            self.unconfirmed += 1
            self.place = _after(self.place, record)
            self.numbered[self.place.count] = record
        self.path[self.place.count] = self.place.summary
        self.index = record.index

    def _confirm(self, checkpoint: Record) -> None:
        """Hold the chain to a checkpoint, or jump to it over a break."""
        try:
            verify_checkpoint(checkpoint, self.install_key)
        except SignatureError as error:
            raise ReportProofError(f"checkpoint {checkpoint.index}: {error}") from error
        confirmed = mark_before(checkpoint)
        if _chain(confirmed) != _chain(self.place):
            if self.unconfirmed:
                raise ReportProofError(
                    f"the records before checkpoint {checkpoint.index} are not those "
                    "that it confirms"
                )
            self.breaks.append((self.index, checkpoint.index))
        self.place, self.unconfirmed = confirmed, 0


def _chain(mark: Mark) -> tuple[int, bytes]:
    return mark.count, mark.summary


def _after(place: Mark, record: Record) -> Mark:
    return place.after(encode_record(record), record.kind)


def _check_hours(evidence: Evidence) -> None:
    days = {day.index: day for day in evidence.days}
    if evidence.hours and evidence.level is Level.DAILY:
        raise ReportProofError("expected no hours in a report of days")
    if len({rows.day for rows in evidence.hours}) != len(evidence.hours):
        raise ReportProofError("the hours of a day stand twice")
    for rows in evidence.hours:
        if rows.day not in days:
            raise ReportProofError(f"expected a day record {rows.day}, found none")
        _check_day(days[rows.day], rows)


def _check_day(day: Record, rows: DayRows) -> None:
    """Hold the rows of a day to its root, its totals and the least size of a row."""
    shown = [leaf for leaf in rows.leaves if isinstance(leaf, Record)]
    if any(row.kind is not RecordKind.USAGE for row in shown):
        raise ReportProofError(f"day {day.index}: a row is no row of usage")
    if any(row.number("requests") < TOLERANCES.row_requests for row in shown):
        raise ReportProofError(f"day {day.index}: a row is too small to be shown")
    leaves = [leaf_of(x) if isinstance(x, Record) else x for x in rows.leaves]
    if root_hash(leaves) != day.octets("root"):
        raise ReportProofError(f"day {day.index}: the rows are not those of the day")
    totals = reduce(Totals.__add__, map(totals_of, shown), Totals())
    if len(shown) == len(leaves) and totals != totals_of(day):
        raise ReportProofError(f"day {day.index}: the rows do not add up to it")
