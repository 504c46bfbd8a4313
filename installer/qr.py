"""QR codes for a terminal: what leaves a site that has no camera and no network.

A code is black on white whatever the colors of the terminal are, with a quiet zone of
at least two modules: on a dark terminal a code without one is not read by anything,
and inverted colors are not read by every camera. Error correction is M where that
fits the screen, else L. Nothing here writes or knows a terminal.

Source: ISO/IEC 18004; measured with zxing-cpp and OpenCV, docs/licensing.md.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Literal

import segno

__all__ = [
    "QUIET_LEAST",
    "QUIET_MOST",
    "Code",
    "Screen",
    "best",
    "encode",
    "full_blocks",
    "half_blocks",
    "png",
]

QUIET_LEAST = 2
QUIET_MOST = 4
_INK = "\x1b[30;47;107m"
"""Black on white; terminals that know bright white use it, others ignore it."""

_BLACK, _WHITE, _END = "\x1b[40m", "\x1b[47;107m", "\x1b[0m"
_HALVES = {
    (False, False): " ",
    (True, False): "▀",
    (False, True): "▄",
    (True, True): "█",
}
_Level = Literal["M", "L"]


@dataclass(frozen=True, slots=True)
class Code:
    """One QR code.

    Attributes:
        modules: square rows of modules, True is dark; without a quiet zone.
        version: 1 to 40; a code has ``17 + 4 * version`` modules on a side.
        level: of error correction.
    """

    modules: tuple[tuple[bool, ...], ...]
    version: int
    level: _Level

    @property
    def size(self) -> int:
        """Modules on a side, without a quiet zone."""
        return len(self.modules)

    def framed(self, quiet: int) -> tuple[tuple[bool, ...], ...]:
        """Return the modules inside a quiet zone of this width."""
        side = (False,) * quiet
        bar = ((False,) * (self.size + 2 * quiet),) * quiet
        return (*bar, *(side + row + side for row in self.modules), *bar)


@dataclass(frozen=True, slots=True)
class Screen:
    """The cells that a code may take, and how many of them one module takes.

    Attributes:
        full: a module is two characters of one line; else it is half a character.
    """

    columns: int
    rows: int
    full: bool = False

    def quiet(self, code: Code) -> int | None:
        """Return the widest quiet zone that fits, None where not even two do."""
        for quiet in range(QUIET_MOST, QUIET_LEAST - 1, -1):
            side = code.size + 2 * quiet
            columns = side * 2 if self.full else side
            rows = side if self.full else (side + 1) // 2
            if columns <= self.columns and rows <= self.rows:
                return quiet
        return None


def encode(text: str, level: _Level = "M") -> Code | None:
    """Encode a text of the QR alphabet; None when no version holds it.

    Args:
        text: digits, upper-case letters and ``space $ % * + - . / :``.
        level: of error correction; never raised by itself.
    """
    try:
        made = segno.make(
            text, error=level, mode="alphanumeric", boost_error=False, micro=False
        )
    except segno.DataOverflowError:
        return None
    modules = tuple(tuple(bool(one) for one in row) for row in made.matrix)
    return Code(modules, int(made.version), level)


def best(text: str, screen: Screen) -> Code | None:
    """Return the code of a text with the best error correction that fits."""
    levels: tuple[_Level, ...] = ("M", "L")
    for level in levels:
        code = encode(text, level)
        if code is not None and screen.quiet(code) is not None:
            return code
    return None


def half_blocks(code: Code, quiet: int) -> tuple[str, ...]:
    """Draw two modules above each other in one character, as lines for a terminal."""
    rows = code.framed(quiet)
    if len(rows) % 2:
        rows = (*rows, (False,) * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return tuple(
        _INK + "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) + _END
        for upper, lower in pairs
    )


def full_blocks(code: Code, quiet: int) -> tuple[str, ...]:
    """Draw a module as two blanks with a background: no letter of any font."""
    return tuple(_backgrounds(row) + _END for row in code.framed(quiet))


def _backgrounds(row: tuple[bool, ...]) -> str:
    """Change the background only where it changes: serial lines are slow."""
    parts, before = [], None
    for dark in row:
        if dark is not before:
            parts.append(_BLACK if dark else _WHITE)
        parts.append("  ")
        before = dark
    return "".join(parts)


def png(code: Code, scale: int = 8, quiet: int = QUIET_MOST) -> bytes:
    """Return the code as a picture of one bit per pixel, 0 is black.

    Args:
        code: to draw.
        scale: pixels per module.
        quiet: modules of white around it.
    """
    rows = code.framed(quiet)
    side = len(rows) * scale
    lines = b"".join(_pixels(row, scale) * scale for row in rows)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _pixels(row: tuple[bool, ...], scale: int) -> bytes:
    """Return a line of pixels, eight to a byte, behind the number of its filter."""
    bits = "".join(("0" if dark else "1") * scale for dark in row)
    padded = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return b"\0" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)
