"""What a record can hold, and that it can hold no word (case 61)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license import cbor
from offline_license.errors import LicenseError, SchemaError
from offline_license.ledger import SLOT_BYTES
from offline_license.ledger_fields import Choice, Instant, Octets, Uint
from offline_license.ledger_schema import (
    BODIES,
    Record,
    RecordKind,
    decode_record,
    encode_record,
    read_record,
    show_record,
)
from tests.support.ledgers import MIDNIGHT

if TYPE_CHECKING:
    from offline_license.ledger_fields import Field, Scalar

_MOST = 253_402_214_400


def values(field: Field) -> st.SearchStrategy[Scalar]:
    match field:
        case Octets(size=size):
            return st.binary(min_size=size, max_size=size)
        case Choice(members=members):
            return st.sampled_from(members).map(int)
        case Instant():
            return st.integers(0, _MOST)
        case Uint(most=most):
            return st.integers(0, most)


def records_of(kind: RecordKind) -> st.SearchStrategy[Record]:
    uint32 = st.integers(0, 2**32 - 1)
    return st.builds(
        Record,
        index=uint32,
        t=st.integers(0, _MOST),
        boot=uint32,
        kind=st.just(kind),
        body=st.tuples(*map(values, BODIES[kind])),
    )


records = st.sampled_from(RecordKind).flatmap(records_of)


def texts_in(value: cbor.Value) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for one in value for text in texts_in(one)]
        case _:
            return []


@given(records)
def test_a_record_survives_its_bytes_and_what_is_shown(record: Record) -> None:
    assert decode_record(encode_record(record)) == record
    assert read_record(show_record(record)) == record


@given(records)
def test_no_record_can_hold_text(record: Record) -> None:
    assert texts_in(cbor.decode(encode_record(record))) == []


def test_no_field_of_the_table_takes_text() -> None:
    """Bytes have a fixed size, and nothing longer than a signature stands anywhere."""
    fields = [field for body in BODIES.values() for field in body]

    for field in fields:
        with pytest.raises(SchemaError):
            field.check("canary")
    assert max(field.size for field in fields if isinstance(field, Octets)) == 64


@given(records)
def test_words_that_are_shown_come_from_the_program(record: Record) -> None:
    """Times, hexadecimal digits, and the names of choices: nothing else is a word."""
    words = [str(value) for value in show_record(record).values()]
    known = {one.name.lower() for one in RecordKind} | {
        member.name.lower()
        for body in BODIES.values()
        for field in body
        if isinstance(field, Choice)
        for member in field.members
    }

    for word in words:
        assert word in known or re.fullmatch(r"[0-9a-f]*|[0-9T:Z-]{20}", word)


@pytest.mark.parametrize("kind", RecordKind)
def test_the_largest_record_of_a_kind_fits_into_a_slot(kind: RecordKind) -> None:
    body = tuple(_largest(field) for field in BODIES[kind])

    size = len(encode_record(Record(2**32 - 1, _MOST, 2**32 - 1, kind, body)))

    assert 1 + size + 4 <= SLOT_BYTES


def _largest(field: Field) -> Scalar:
    match field:
        case Octets(size=size):
            return bytes(size)
        case Choice(members=members):
            return int(max(members))
        case Instant():
            return _MOST
        case Uint(most=most):
            return most


@pytest.mark.parametrize(
    "value",
    [
        7,
        [],
        [0, 0, 0, 1],
        [0, 0, 0, 99, []],
        [0, 0, 0, 1, [0]],
        [0, _MOST + 1, 0, 1, []],
        ["0", 0, 0, 1, []],
        [0, 0, 0, 5, ["root"]],
        [0, 0, 0, 6, [-1]],
        [0, 0, 0, 8, [1, bytes(31)]],
    ],
    ids=str,
)
def test_another_form_is_no_record(value: cbor.Value) -> None:
    with pytest.raises(LicenseError):
        decode_record(cbor.encode(value))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "speech"},
        {"time": "2027-13-01T00:00:00Z"},
        {"time": 5},
        {"index": "0"},
        {"lost_s": None},
        {"lost_s": 1.5},
    ],
    ids=str,
)
def test_another_form_is_not_shown_by_a_record(change: dict[str, object]) -> None:
    shown = show_record(Record(0, MIDNIGHT, 1, RecordKind.GAP, (5,)))

    with pytest.raises(SchemaError):
        read_record({**shown, **change})


@pytest.mark.parametrize("digest", ["zz", "00", 5])
def test_bytes_are_shown_in_their_digits(digest: object) -> None:
    body = 1, bytes(32)
    shown = show_record(Record(0, MIDNIGHT, 1, RecordKind.BROKEN, body))

    with pytest.raises(SchemaError):
        read_record({**shown, "prev": digest})


def test_what_is_no_object_shows_no_record() -> None:
    with pytest.raises(SchemaError):
        read_record([])


def test_fields_are_found_by_their_names() -> None:
    record = Record(4, MIDNIGHT, 1, RecordKind.BROKEN, (3, bytes(32)))

    assert record.fields == {"at": 3, "prev": bytes(32)}
    assert record.number("at") == 3
    assert record.octets("prev") == bytes(32)
    with pytest.raises(KeyError):
        record.number("prev")
    with pytest.raises(KeyError):
        record.octets("at")
