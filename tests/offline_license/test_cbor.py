"""Deterministic CBOR: one value, one encoding, nothing else (case 8)."""

from __future__ import annotations

import tracemalloc

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license import cbor
from offline_license.errors import DecodeError, TrailingError
from tests.support.timing import cpu_s

LEAVES = st.one_of(
    st.integers(-(2**64), 2**64 - 1), st.binary(), st.text(), st.booleans()
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.integers(0, 300), inner),
    max_leaves=20,
)

REFUSED = {
    "nothing": "",
    "duplicate key": "a201000101",
    "keys out of order": "a202000100",
    "indefinite array": "9f01ff",
    "indefinite text": "7f6161ff",
    "indefinite map": "bf0101ff",
    "one in two bytes": "1801",
    "one in three bytes": "190001",
    "one in five bytes": "1a00000001",
    "one in nine bytes": "1b0000000000000001",
    "long length of bytes": "580161",
    "one as a bignum": "c24101",
    "double 1e9": "fb41cdcd6500000000",
    "half-float NaN": "f97e00",
    "null": "f6",
    "undefined": "f7",
    "true in two bytes": "f815",
    "simple value": "e0",
    "true as a key": "a1f500",
    "text as a key": "a1616100",
    "negative key": "a12000",
    "tag 0, a date": "c074323031332d30332d32315432303a30343a30305a",
    "tag 24, embedded": "d8184101",
    "tag 28, shareable": "d81c80",
    "tag 35, a regular expression": "d823622e2a",
    "tag 258, a set": "d9010280",
    "array of 2^63 items": "9b8000000000000000",
    "map of 2^63 items": "bb8000000000000000",
    "text of 2^63 bytes": "7b8000000000000000",
    "half an array": "8301",
    "half a map": "a201",
    "text that is not UTF-8": "62c328",
    "surrogate in text": "63eda080",
    "reserved length 28": "1c",
    "break alone": "ff",
}


@pytest.mark.parametrize("encoded", REFUSED.values(), ids=REFUSED.keys())
def test_everything_but_the_deterministic_subset_is_refused(encoded: str) -> None:
    with pytest.raises(DecodeError):
        cbor.decode(bytes.fromhex(encoded))


def test_a_trailing_byte_is_named_as_such() -> None:
    with pytest.raises(TrailingError):
        cbor.decode(b"\x01\x00")


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x00", b"\xd8\x23"])
def test_deep_nesting_ends_early_in_time_and_memory(opening: bytes) -> None:
    data = opening * 10_000
    tracemalloc.start()
    refuse(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert cpu_s(lambda: refuse(data)) < 0.05
    assert peak < 20_000_000


@pytest.mark.parametrize("item", [b"\x00", b"\x80", b"\xa0", b"\x40"])
def test_sixty_thousand_values_end_early_in_time(item: bytes) -> None:
    data = b"\x84" + (b"\x99\x3a\x98" + item * 15_000) * 4

    assert cpu_s(lambda: refuse(data, "4096 values")) < 0.05


def refuse(data: bytes, reason: str = "expected|found") -> None:
    """Decode what must be refused."""
    with pytest.raises(DecodeError, match=reason):
        cbor.decode(data)


def test_eight_levels_are_allowed_and_nine_are_not() -> None:
    cbor.decode(b"\x81" * 8 + b"\x00")

    with pytest.raises(DecodeError):
        cbor.decode(b"\x81" * 9 + b"\x00")


def test_the_reencoded_value_must_be_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cbor, "encode", lambda _: b"something else")

    with pytest.raises(DecodeError):
        cbor.decode(b"\x01")


@given(VALUES)
def test_what_is_encoded_comes_back(value: object) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@given(VALUES)
def test_another_decoder_reads_the_same(value: object) -> None:
    data = cbor.encode(value)

    assert cbor.decode(data) == cbor2.loads(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_encode_back_to_themselves(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except DecodeError:
        return
    assert cbor.encode(value) == data
