"""What a camera sees of a QR code in a terminal: lines of text become pixels.

The lines are interpreted as a terminal does: colors by escape sequences, half-block
characters, a dark surround. Two decoders look at the picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import zxingcpp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Look", "cells", "decode", "decode_png", "rasterize", "read_by"]

_TOKEN = re.compile(r"\x1b\[([0-9;]*)m|(.)", re.DOTALL)
_DARK_SURROUND = 16
_SURROUND_CELLS = 2


@dataclass(frozen=True)
class Look:
    """How a terminal draws.

    Attributes:
        width, height: pixels of a character cell.
        gap: dark pixels between two lines.
        inverted: light and dark are exchanged, as by a terminal's reverse video.
    """

    width: int = 8
    height: int = 16
    gap: int = 0
    inverted: bool = False


def cells(line: str) -> Iterator[tuple[str, int, int]]:
    """Yield each character of a line with ink and paper, as gray values."""
    ink, paper = 200, _DARK_SURROUND
    for codes, character in _TOKEN.findall(line):
        if character:
            yield character, ink, paper
        for code in codes.split(";") if codes or not character else ():
            match code:
                case "0" | "":
                    ink, paper = 200, _DARK_SURROUND
                case "30":
                    ink = 0
                case "40":
                    paper = 0
                case "47" | "107":
                    paper = 255
                case unknown:
                    raise AssertionError(f"no terminal is asked for {unknown!r} here")


def rasterize(lines: tuple[str, ...], look: Look) -> NDArray[np.uint8]:
    """Return a gray picture of the lines on a dark terminal."""
    rows = [list(cells(line)) for line in lines]
    columns = max(map(len, rows))
    pitch = look.height + look.gap
    border_x, border_y = _SURROUND_CELLS * look.width, _SURROUND_CELLS * look.height
    picture = np.full(
        (len(rows) * pitch + 2 * border_y, columns * look.width + 2 * border_x),
        _DARK_SURROUND,
        np.uint8,
    )
    half = look.height // 2
    for at_row, row in enumerate(rows):
        for at_column, (character, ink, paper) in enumerate(row):
            x, y = border_x + at_column * look.width, border_y + at_row * pitch
            cell = picture[y : y + look.height, x : x + look.width]
            cell[:] = paper
            if character in "▀█":
                cell[:half] = ink
            if character in "▄█":
                cell[half:] = ink
    return 255 - picture if look.inverted else picture


def read_by(picture: NDArray[np.uint8]) -> dict[str, str]:
    """Return what each decoder reads; one that reads nothing is left out."""
    found = {}
    seen = zxingcpp.read_barcodes(picture)
    if seen:
        found["zxing"] = seen[0].text
    text, *_ = cv2.QRCodeDetector().detectAndDecode(picture)
    if text:
        found["opencv"] = text
    return found


def decode(lines: tuple[str, ...], look: Look) -> dict[str, str]:
    """Draw the lines and return what each decoder reads."""
    return read_by(rasterize(lines, look))


def decode_png(data: bytes) -> dict[str, str]:
    """Return what each decoder reads in a PNG file."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return read_by(picture.astype(np.uint8))
