"""Days: what joins the rows of usage to the summary that every report shows.

A day record has the totals of its rows and the root of the Merkle tree over them, so
that the hours of one day can be shown, or not, without the other days. A day may have
several records: one for each time that its rows were closed, as before an export.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, fields
from itertools import groupby
from typing import TYPE_CHECKING

from offline_license.ledger_schema import Record, RecordKind, encode_record
from offline_license.merkle import leaf_hash, root_hash
from offline_license.tolerances import DAY_S
from offline_license.usage import Mode, Outcome, Totals, UsageRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offline_license.ledger import Hole, Writer
    from offline_license.ledger_fields import Scalar

__all__ = [
    "OpenDays",
    "add_row",
    "close_days",
    "leaf_of",
    "row_of",
    "totals_of",
    "usage_body",
]


class OpenDays:
    """The rows that no day record covers yet."""

    def __init__(self) -> None:
        """Start with none."""
        self._rows: defaultdict[int, list[Record]] = defaultdict(list)

    @property
    def rows(self) -> tuple[Record, ...]:
        """All of them."""
        return tuple(row for rows in self._rows.values() for row in rows)

    def take(self, record: Record) -> tuple[Record, ...]:
        """Take the next record of the ledger; return the rows that it covers."""
        if record.kind is RecordKind.DAY:
            return tuple(self._rows.pop(record.t, ()))
        if record.kind is RecordKind.USAGE:
            self._rows[_day_of(record)].append(record)
        return ()

    def jump(self, hole: Hole) -> None:
        """Go on behind a hole: a day that was lost in it may have covered the rows.

        They are not counted again, for a report may have shown that day before.
        """
        if hole.lost_summary:
            self._rows.clear()


def add_row(writer: Writer, row: UsageRow, salt: bytes) -> Record:
    """Write one row of usage into a batch."""
    return writer.add(RecordKind.USAGE, row.hour_s, *usage_body(row, salt))


def usage_body(row: UsageRow, salt: bytes) -> tuple[Scalar, ...]:
    """Return the body of the record that holds a row."""
    _, *body = astuple(row)
    return (*body, salt)


def close_days(writer: Writer, rows: Iterable[Record]) -> None:
    """Write a record for each day of these rows into a batch."""
    for day, covered in groupby(sorted(rows, key=_place), key=_day_of):
        _add_day(writer, day, tuple(covered))


def leaf_of(row: Record) -> bytes:
    """Return the hash that stands for a row in the tree of its day."""
    return leaf_hash(encode_record(row))


def row_of(record: Record) -> UsageRow:
    """Return the row of usage that a record holds."""
    return UsageRow(
        record.t,
        record.octets("model"),
        Mode(record.number("mode")),
        record.number("features"),
        Outcome(record.number("outcome")),
        *(
            record.number(name)
            for name in ("requests", "audio_ms", "chars", "peak_streams")
        ),
    )


def totals_of(record: Record) -> Totals:
    """Return the totals of a day record or of a row."""
    if record.kind is RecordKind.USAGE:
        return Totals.of([row_of(record)])
    names = [field.name for field in fields(Totals)]
    return Totals(*map(record.number, names))


def _add_day(writer: Writer, day: int, rows: tuple[Record, ...]) -> None:
    totals = Totals.of(map(row_of, rows))
    root = root_hash([leaf_of(row) for row in rows])
    writer.add(RecordKind.DAY, day, root, len(rows), *astuple(totals))


def _day_of(row: Record) -> int:
    return row.t - row.t % DAY_S


def _place(row: Record) -> tuple[int, int]:
    return _day_of(row), row.index
