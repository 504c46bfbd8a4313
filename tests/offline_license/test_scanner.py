"""The printed form for scanners that type like a keyboard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.base32 import ALPHABET
from offline_license.errors import ScanError
from offline_license.scanner import (
    begins_scanner_text,
    read_scanner_text,
    scanner_text,
)

DATA = bytes(range(100))
TEXT = scanner_text(DATA)
KEYBOARDS = {
    "German": str.maketrans("YZ", "ZY"),
    "French": str.maketrans("0123456789AQZWM", "à&é\"'(-è_çQAWZ,"),
}


@given(st.binary(min_size=1, max_size=300))
def test_every_object_survives_the_paper(data: bytes) -> None:
    text = scanner_text(data)

    assert begins_scanner_text(text)
    assert read_scanner_text(text) == data


def test_a_line_has_forty_characters_and_two_more() -> None:
    first, *lines = TEXT.splitlines()

    assert first == ALPHABET
    assert [len(line) for line in lines] == [42, 42, 42, 42]


@pytest.mark.parametrize("keyboard", KEYBOARDS.values(), ids=KEYBOARDS.keys())
def test_the_check_line_mends_another_keyboard(keyboard: dict[int, int]) -> None:
    assert read_scanner_text(TEXT.translate(keyboard)) == DATA


@pytest.mark.parametrize("ends", ["", "\r\n", "\t", "  \n\n"])
def test_line_ends_do_not_matter(ends: str) -> None:
    assert read_scanner_text(TEXT.lower().replace("\n", ends)) == DATA


@pytest.mark.parametrize(("line", "at"), [(1, 0), (2, 17), (4, 41)])
def test_the_damaged_line_is_named(line: int, at: int) -> None:
    lines = TEXT.splitlines()
    other = "1" if lines[line][at] == "0" else "0"
    lines[line] = lines[line][:at] + other + lines[line][at + 1 :]

    with pytest.raises(ScanError, match=f"line {line}"):
        read_scanner_text("\n".join(lines))


def test_lines_in_another_order_are_refused() -> None:
    head, first, second, *rest = TEXT.splitlines()

    with pytest.raises(ScanError, match="line 1"):
        read_scanner_text("\n".join([head, second, first, *rest]))


@given(st.text(alphabet=ALPHABET + "IOU?", max_size=90))
def test_any_lines_are_an_object_or_a_typed_error(rest: str) -> None:
    try:
        data = read_scanner_text(ALPHABET + rest)
    except ScanError:
        return

    assert scanner_text(data).split() == [ALPHABET, rest] or not data


@pytest.mark.parametrize("text", ["", "ANECHOIC", ALPHABET[:-1], ALPHABET[:-1] + "0"])
def test_a_text_without_a_check_line_is_none(text: str) -> None:
    assert not begins_scanner_text(text)
    with pytest.raises(ScanError, match="check line"):
        read_scanner_text(text)
