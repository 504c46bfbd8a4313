"""The payload of a usage report: JSON that a person reads and a program recomputes.

Each record of the ledger is shown field by field, and from what is shown its bytes can
be made again: there is no second, unreadable copy of anything. The page on top is made
from the records. Reading ends with writing the payload again and comparing: what is not
made from the records cannot stand in a report, in any place.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Final, TypeAlias

from offline_license.dates import iso
from offline_license.errors import LicenseError, ReportError, ReportProofError
from offline_license.fields import uint
from offline_license.keys import KEY_BYTES, key_id, short_id
from offline_license.ledger_days import totals_of
from offline_license.ledger_fields import Octets
from offline_license.ledger_schema import (
    DIGEST_BYTES,
    Record,
    RecordKind,
    read_record,
    show_record,
)
from offline_license.strict_json import JsonValue, read_json, write_json
from offline_license.usage import Totals

__all__ = ["NOTICE", "DayRows", "Evidence", "Level", "read_payload", "write_payload"]

NOTICE: Final = (
    "Numbers only. No audio, no transcript, no names of people or files, no addresses, "
    "no keys, no single requests."
)
_FORMAT = "anechoic usage report 1"
_LID = Octets("lid", 16)
_INSTALL_KEY = Octets("install_key", KEY_BYTES)
_HIDDEN = Octets("hidden", DIGEST_BYTES)

Leaf: TypeAlias = "Record | bytes"


class Level(StrEnum):
    """How much a report shows."""

    DAILY = "daily"
    HOURLY = "hourly"


@dataclass(frozen=True, slots=True)
class DayRows:
    """The rows of one day record.

    Attributes:
        day: index of the day record.
        leaves: each row, or the hash of one that is too small to be shown.
    """

    day: int
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a report is made from.

    Attributes:
        license: lineage and sequence number of the license in use, if any.
        install_key: public, 32 bytes.
        level: whether hours are shown.
        records: days, events, and the checkpoints that confirm them.
        hours: the rows of each day; none at the daily level.
    """

    license: tuple[bytes, int] | None
    install_key: bytes
    level: Level
    records: tuple[Record, ...]
    hours: tuple[DayRows, ...] = ()

    @property
    def serial(self) -> str:
        """The license as people name it; ``none`` without one."""
        return (
            f"{short_id(self.license[0])}/{self.license[1]}" if self.license else "none"
        )

    @property
    def days(self) -> tuple[Record, ...]:
        """The day records."""
        return tuple(one for one in self.records if one.kind is RecordKind.DAY)

    @property
    def events(self) -> tuple[Record, ...]:
        """The records that are neither days nor checkpoints."""
        plain = RecordKind.DAY, RecordKind.CHECKPOINT
        return tuple(one for one in self.records if one.kind not in plain)

    @property
    def totals(self) -> Totals:
        """The sums over all days."""
        return reduce(Totals.__add__, map(totals_of, self.days), Totals())

    @property
    def hidden_rows(self) -> int:
        """Rows that are counted in their day only."""
        return sum(
            isinstance(leaf, bytes) for rows in self.hours for leaf in rows.leaves
        )


def write_payload(evidence: Evidence) -> bytes:
    """Return the JSON of a report, one page for people on top."""
    return write_json(
        {
            "format": _FORMAT,
            "notice": NOTICE,
            "summary": _summary(evidence),
            "license": _show_license(evidence.license),
            "install_key": evidence.install_key.hex(),
            "level": evidence.level.value,
            "records": [dict(show_record(one)) for one in evidence.records],
            "hours": [_show_rows(rows) for rows in evidence.hours],
        }
    )


def read_payload(payload: bytes) -> Evidence:
    """Read the JSON of a report.

    Raises:
        ReportError: it is of another form.
        ReportProofError: it says something that does not follow from its records.
    """
    try:
        evidence = _read(read_json(payload))
    except ReportError:
        raise
    except LicenseError as error:
        raise ReportError(f"in the report: {error}") from error
    if write_payload(evidence) != payload:
        raise ReportProofError(
            "expected a report that follows from its records, found other words"
        )
    return evidence


def _summary(evidence: Evidence) -> JsonValue:
    """Return the page on top."""
    totals, records = evidence.totals, evidence.records
    return {
        "license": evidence.serial,
        "installation": short_id(key_id(evidence.install_key)),
        "from": iso(records[0].t),
        "until": iso(records[-1].t),
        "days": len({day.t for day in evidence.days}),
        "requests": totals.requests,
        "served": totals.served,
        "refused": totals.refused,
        "failed": totals.failed,
        "canceled": totals.canceled,
        "audio_hours": _hours(totals.audio_ms),
        "characters": totals.chars,
        "peak_streams": totals.peak_streams,
        "events": len(evidence.events),
        "rows_counted_in_their_day_only": evidence.hidden_rows,
    }


def _hours(audio_ms: int) -> str:
    """Spell hours with three decimals, rounded down."""
    thousandths = audio_ms // 3_600
    return f"{thousandths // 1_000}.{thousandths % 1_000:03}"


def _show_license(license_: tuple[bytes, int] | None) -> JsonValue:
    return license_ and {"lid": license_[0].hex(), "seq": license_[1]}


def _show_rows(rows: DayRows) -> JsonValue:
    return {"day": rows.day, "rows": [_show_leaf(leaf) for leaf in rows.leaves]}


def _show_leaf(leaf: Leaf) -> JsonValue:
    if isinstance(leaf, bytes):
        return {"hidden": leaf.hex()}
    return dict(show_record(leaf))


def _read(value: JsonValue) -> Evidence:
    match value:
        case {
            "license": license_,
            "install_key": install_key,
            "level": str() as level,
            "records": [_, *_] as records,
            "hours": list() as hours,
        } if level in set(Level):
            return Evidence(
                _read_license(license_),
                _INSTALL_KEY.read(install_key),
                Level(level),
                tuple(map(read_record, records)),
                tuple(map(_read_rows, hours)),
            )
        case _:
            raise ReportError(f"expected the payload of an {_FORMAT}")


def _read_license(value: JsonValue) -> tuple[bytes, int] | None:
    match value:
        case None:
            return None
        case {"lid": lid, "seq": seq}:
            return _LID.read(lid), uint(seq, "seq")
        case _:
            raise ReportError("license: expected lid and seq")


def _read_rows(value: JsonValue) -> DayRows:
    match value:
        case {"day": day, "rows": [_, *_] as rows}:
            return DayRows(uint(day, "day"), tuple(map(_read_leaf, rows)))
        case _:
            raise ReportError("hours: expected a day and its rows")


def _read_leaf(value: JsonValue) -> Leaf:
    match value:
        case {"hidden": digest}:
            return _HIDDEN.read(digest)
        case _:
            return read_record(value)
