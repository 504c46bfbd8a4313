"""Base45 by the words and examples of RFC 9285."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license import base45
from offline_license.errors import ScanError

RFC_EXAMPLES = {
    b"AB": "BB8",
    b"Hello!!": "%69 VD92EX0",
    b"base-45": "UJCLQE7W581",
    b"ietf!": "QED8WEX0",
    b"\xff\xff": "FGW",
    b"": "",
}


@pytest.mark.parametrize(("data", "text"), RFC_EXAMPLES.items())
def test_the_examples_of_the_rfc_are_spelled_and_read(data: bytes, text: str) -> None:
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@pytest.mark.parametrize("text", ["GGW", ":::", "A", "BB8A", "U6", "bb8", "B?8", "é00"])
def test_what_no_bytes_give_is_refused(text: str) -> None:
    with pytest.raises(ScanError):
        base45.decode(text)


@given(st.binary())
def test_every_object_survives_and_ends_in_no_blank(data: bytes) -> None:
    text = base45.encode(data)

    assert base45.decode(text) == data
    assert text == text.rstrip()


@given(st.text(alphabet="0123456789ABC:% $", max_size=12))
def test_no_two_texts_are_the_same_bytes(text: str) -> None:
    try:
        data = base45.decode(text)
    except ScanError:
        return

    assert base45.encode(data) == text
