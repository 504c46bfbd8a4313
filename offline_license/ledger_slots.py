"""One slot of the ledger: a record at a place that is known from its index.

A slot has 192 bytes: the length of the record (1 byte), the record, zeros, and the
first 4 bytes of the chain behind it. So each slot tells by itself whether it follows
the one before, and a record is found without reading those before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offline_license.errors import LicenseError
from offline_license.ledger_schema import Record, decode_record

if TYPE_CHECKING:
    from offline_license.checkpoint import Mark

__all__ = ["SLOT_BYTES", "next_record", "pack_slot", "record_in", "slot_at"]

SLOT_BYTES: Final = 192
_CHECK_BYTES = 4


def pack_slot(data: bytes, after: Mark) -> bytes:
    """Return the slot of a record, given as its bytes and the place behind it."""
    room = SLOT_BYTES - _CHECK_BYTES
    return (bytes([len(data)]) + data).ljust(room, b"\0") + after.digest[:_CHECK_BYTES]


def slot_at(slots: bytes, index: int) -> bytes:
    """Return one slot of a ledger; nothing or less than a slot where it ends."""
    return slots[index * SLOT_BYTES : (index + 1) * SLOT_BYTES]


def record_in(slot: bytes) -> Record | None:
    """Return the record of a slot, wherever it belongs; None where there is none."""
    try:
        return decode_record(_data_in(slot))
    except LicenseError:
        return None


def next_record(mark: Mark, slot: bytes) -> tuple[Record, Mark] | None:
    """Return the record of a slot and the place behind it, when it is the next one."""
    record = record_in(slot)
    if record is None or record.index != mark.index:
        return None
    data = _data_in(slot)
    after = mark.after(data, record.kind)
    return (record, after) if slot == pack_slot(data, after) else None


def _data_in(slot: bytes) -> bytes:
    return slot[1 : 1 + slot[0]] if slot else slot
