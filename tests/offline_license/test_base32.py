"""Crockford's base32: strict both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license import base32
from offline_license.errors import ScanError


@given(st.binary(max_size=40))
def test_every_object_survives_its_spelling(data: bytes) -> None:
    assert base32.decode(base32.encode(data)) == data


@given(st.integers(0, 2**100 - 1))
def test_a_number_is_spelled_most_significant_bits_first(number: int) -> None:
    text = base32.spell(number, 20)

    assert base32.read_number(text) == number
    assert set(text) <= set(base32.ALPHABET)


@pytest.mark.parametrize("text", ["U0", "1", "ZZ", "0=", "é0", "000000", "I0", "a0"])
def test_another_alphabet_length_or_tail_is_refused(text: str) -> None:
    with pytest.raises(ScanError):
        base32.decode(text)


def test_the_check_characters_are_two() -> None:
    assert base32.check("0") == "8K"
    assert base32.check("1") != base32.check("0")
