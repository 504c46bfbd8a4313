"""The hour of the ledger that is still open, and how it is written down.

It holds the rows that are not in the ledger yet, and where the ledger stood when they
were saved. The number of closed hours tells after a power cut whether these rows were
written into the ledger already.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.checkpoint import Mark
from offline_license.errors import SchemaError
from offline_license.fields import Fields, octets, uint
from offline_license.ledger_days import row_of, usage_body
from offline_license.ledger_schema import (
    SALT_BYTES,
    Record,
    RecordKind,
    decode_record,
    encode_record,
)
from offline_license.usage import UsageRow, merge_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["OpenHour", "decode_open_hour", "encode_open_hour"]

_NAMES = {
    1: "schema",
    2: "place",
    3: "closed",
    4: "rows",
    5: "seen",
    6: "boot",
    7: "boot name",
    8: "clean",
}
_BOOT_NAME_BYTES = 8
_MOST_SOURCES = 64


@dataclass(slots=True)
class OpenHour:
    """What is not in the ledger yet.

    Attributes:
        mark: where the ledger stood.
        closed: hours that were written into it.
        rows: at most one of each key.
        seen: the number of the last batch of each source, latest source last.
        boot, boot_name: counts the starts of the host, and names the last one.
        clean: whether the program stopped in order.
    """

    mark: Mark
    closed: int = 0
    rows: tuple[UsageRow, ...] = ()
    seen: dict[bytes, int] = field(default_factory=dict)
    boot: int = 0
    boot_name: bytes = bytes(_BOOT_NAME_BYTES)
    clean: bool = False

    def add(self, source: bytes, number: int, rows: Iterable[UsageRow]) -> bool:
        """Count a batch; one that was seen before changes nothing.

        Args:
            source: names one run of a service.
            number: grows with every batch of it.
            rows: what the batch holds.

        Returns:
            Whether it is new.
        """
        if number <= self.seen.get(source, -1):
            return False
        self.rows = merge_rows((*self.rows, *rows))
        self.seen.pop(source, None)
        self.seen[source] = number
        while len(self.seen) > _MOST_SOURCES:
            del self.seen[next(iter(self.seen))]
        return True

    def starts_on(self, boot_id: str) -> None:
        """Count a start of the host, when this is another one than before."""
        name = hashlib.sha256(boot_id.encode()).digest()[:_BOOT_NAME_BYTES]
        if name != self.boot_name:
            self.boot, self.boot_name = self.boot + 1, name


def encode_open_hour(hour: OpenHour) -> bytes:
    """Return the bytes of an open hour."""
    return cbor.encode(
        {
            1: 1,
            2: hour.mark.to_bytes(),
            3: hour.closed,
            4: b"".join(map(_encode_row, hour.rows)),
            5: [cbor.encode([*one]) for one in hour.seen.items()],
            6: hour.boot,
            7: hour.boot_name,
            8: hour.clean,
        }
    )


def decode_open_hour(data: bytes) -> OpenHour:
    """Read an open hour.

    Raises:
        LicenseError: it is none.
    """
    fields = Fields(data, _NAMES)
    fields.exactly(1, 1)
    return OpenHour(
        mark=Mark.from_bytes(fields.some_octets(2)),
        closed=fields.uint(3),
        rows=tuple(_decode_rows(octets(fields.raw(4), "rows"))),
        seen=dict(map(_decode_seen, fields.array(5))),
        boot=fields.uint(6),
        boot_name=fields.octets(7, _BOOT_NAME_BYTES),
        clean=fields.raw(8) is True,
    )


def _encode_row(row: UsageRow) -> bytes:
    """Write a row as the ledger would, with a byte for its length before it."""
    body = usage_body(row, bytes(SALT_BYTES))
    record = encode_record(Record(0, row.hour_s, 0, RecordKind.USAGE, body))
    return bytes([len(record)]) + record


def _decode_rows(data: bytes) -> Iterator[UsageRow]:
    at = 0
    while at < len(data):
        end = at + 1 + data[at]
        record = decode_record(data[at + 1 : end])
        if record.kind is not RecordKind.USAGE:
            raise SchemaError("rows: expected records of usage")
        yield row_of(record)
        at = end


def _decode_seen(value: cbor.Value) -> tuple[bytes, int]:
    match cbor.decode(octets(value, "seen")):
        case [bytes() as source, number]:
            return source, uint(number, "number")
        case _:
            raise SchemaError("seen: expected [source, number]")
