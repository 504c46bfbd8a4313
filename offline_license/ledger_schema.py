"""The records of the usage ledger, as one table.

A record is deterministic CBOR ``[index, t, boot, kind, body]``; the body is an array of
the fields that this table names for the kind. The same table checks what is written,
reads what was written, and shows a record to people.

Rows of usage carry 16 random bytes, so that the hash of a row that a report does not
show cannot be found by trying out small numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, overload

from offline_license import cbor
from offline_license.errors import SchemaError
from offline_license.ledger_fields import (
    Choice,
    Field,
    Instant,
    Number,
    Octets,
    Scalar,
    Uint,
)
from offline_license.usage import LARGEST_UINT32, MODEL_BYTES, Mode, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "BODIES",
    "DIGEST_BYTES",
    "SALT_BYTES",
    "SUMMARY_KINDS",
    "Record",
    "RecordKind",
    "decode_record",
    "encode_record",
    "read_record",
    "show_record",
]

DIGEST_BYTES: Final = 32
SALT_BYTES: Final = 16
_LID_BYTES = 16
_SIGNATURE_BYTES = 64


class RecordKind(IntEnum):
    """What a record is about; the number is what stands in it."""

    USAGE = 0
    START = 1
    INSTALL = 2
    REDEEM = 3
    CLOCK_CONFIRMED = 4
    RESTORED = 5
    GAP = 6
    LOSSY = 7
    BROKEN = 8
    REVOKED = 9
    OVERAGE = 10
    DAY = 11
    CHECKPOINT = 12


SUMMARY_KINDS: Final = frozenset(RecordKind) - {RecordKind.USAGE, RecordKind.CHECKPOINT}
"""Days and events: every report shows them all."""

_HEAD: tuple[Number, ...] = (
    Uint("index", LARGEST_UINT32),
    Instant("time"),
    Uint("boot", LARGEST_UINT32),
    Choice("kind", RecordKind),
)
_LICENSE: tuple[Field, ...] = Octets("lid", _LID_BYTES), Uint("seq")
_AMOUNTS: tuple[Field, ...] = (
    Uint("audio_ms"),
    Uint("chars"),
    Uint("peak_streams", LARGEST_UINT32),
)
BODIES: Final[Mapping[RecordKind, tuple[Field, ...]]] = {
    RecordKind.USAGE: (
        Octets("model", MODEL_BYTES),
        Choice("mode", Mode),
        Uint("features", LARGEST_UINT32),
        Choice("outcome", Outcome),
        Uint("requests"),
        *_AMOUNTS,
        Octets("salt", SALT_BYTES),
    ),
    RecordKind.START: (),
    RecordKind.INSTALL: (*_LICENSE, Octets("digest", DIGEST_BYTES)),
    RecordKind.REDEEM: (*_LICENSE, Uint("redeemed"), Instant("at")),
    RecordKind.CLOCK_CONFIRMED: (Uint("uid", LARGEST_UINT32),),
    RecordKind.RESTORED: (Uint("uid", LARGEST_UINT32),),
    RecordKind.GAP: (Uint("lost_s"),),
    RecordKind.LOSSY: (Uint("rows"), Uint("span_s")),
    RecordKind.BROKEN: (Uint("at", LARGEST_UINT32), Octets("prev", DIGEST_BYTES)),
    RecordKind.REVOKED: _LICENSE,
    RecordKind.OVERAGE: (Uint("limit"), Uint("peak")),
    RecordKind.DAY: (
        Octets("root", DIGEST_BYTES),
        Uint("rows", LARGEST_UINT32),
        Uint("served"),
        Uint("refused"),
        Uint("failed"),
        Uint("canceled"),
        *_AMOUNTS,
    ),
    RecordKind.CHECKPOINT: (
        Octets("digest", DIGEST_BYTES),
        Uint("count", LARGEST_UINT32),
        Octets("summary", DIGEST_BYTES),
        Instant("proved"),
        Uint("flags", LARGEST_UINT32),
        Uint("closed", LARGEST_UINT32),
        Octets("signature", _SIGNATURE_BYTES),
    ),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        index: its place in the ledger, from 0.
        t: seconds UTC; the hour of a row, midnight of a day, the moment of an event.
        boot: counts the starts of the host.
        kind, body: what the table says.
    """

    index: int
    t: int
    boot: int
    kind: RecordKind
    body: tuple[Scalar, ...]

    @property
    def fields(self) -> dict[str, Scalar]:
        """The body by the names of its fields."""
        names = (field.name for field in BODIES[self.kind])
        return dict(zip(names, self.body, strict=True))

    def number(self, name: str) -> int:
        """Return a field that is a number.

        Raises:
            KeyError: the kind has no number of this name.
        """
        match self.fields[name]:
            case int() as value:
                return value
            case _:
                raise KeyError(name)

    def octets(self, name: str) -> bytes:
        """Return a field that is bytes.

        Raises:
            KeyError: the kind has no bytes of this name.
        """
        match self.fields[name]:
            case bytes() as value:
                return value
            case _:
                raise KeyError(name)


def encode_record(record: Record) -> bytes:
    """Write a record down.

    Raises:
        SchemaError: a value is not as the table demands.
    """
    head = _checked(_HEAD, [record.index, record.t, record.boot, record.kind])
    body = _checked(BODIES[record.kind], list(record.body))
    return cbor.encode([*head, body])


def decode_record(data: bytes) -> Record:
    """Read a record.

    Raises:
        LicenseError: it is no record of the table.
    """
    match cbor.decode(data):
        case [index, t, boot, kind, list() as body]:
            return _record([index, t, boot, kind], body)
        case _:
            raise SchemaError("record: expected [index, time, boot, kind, body]")


def show_record(record: Record) -> dict[str, int | str]:
    """Return a record as a JSON object for people."""
    values = record.index, record.t, record.boot, record.kind, *record.body
    fields = *_HEAD, *BODIES[record.kind]
    return {
        field.name: field.show(value)
        for field, value in zip(fields, values, strict=True)
    }


def read_record(shown: object) -> Record:
    """Return the record that is shown like this.

    Raises:
        SchemaError: none is.
    """
    if not isinstance(shown, dict):
        raise SchemaError("record: expected an object")
    head = [field.read(shown.get(field.name)) for field in _HEAD]
    body = [field.read(shown.get(field.name)) for field in BODIES[RecordKind(head[3])]]
    return _record(head, body)


def _record(head: Sequence[object], body: Sequence[object]) -> Record:
    """Hold the values of a record to the table."""
    index, t, boot, number = _checked(_HEAD, head)
    kind = RecordKind(number)
    return Record(index, t, boot, kind, tuple(_checked(BODIES[kind], body)))


@overload
def _checked(fields: Sequence[Number], values: Sequence[object]) -> list[int]: ...
@overload
def _checked(fields: Sequence[Field], values: Sequence[object]) -> list[Scalar]: ...
def _checked(
    fields: Sequence[Field], values: Sequence[object]
) -> list[int] | list[Scalar]:
    if len(fields) != len(values):
        raise SchemaError(f"record: expected {len(fields)} fields")
    return [field.check(value) for field, value in zip(fields, values, strict=True)]
