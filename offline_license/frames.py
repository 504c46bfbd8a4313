"""QR texts: an object in one piece, or in two or three numbered frames.

    ANX:BASE45            the whole object
    ANX2/3:BASE45         frame 2 of 3

Each of several frames begins with the same two bytes, the start of the SHA-256 of the
object, so that frames of two objects are never joined. Frames are read in any order,
one on a line, and the same one twice does not matter. Nothing is compressed: it makes
these objects larger.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from offline_license import base45
from offline_license.errors import ScanError

__all__ = [
    "CONSOLE_CHARS",
    "MARK",
    "MAX_FRAMES",
    "PartialFrames",
    "begins_frames",
    "read_frames",
    "split",
    "whole",
]

MARK = "ANX"
MAX_FRAMES = 3
CONSOLE_CHARS: Final = 195
"""What a QR code of version 6, level L, carries: the largest on a console of 80x24."""

_TAG_BYTES = 2
_BEGIN = re.compile(rf"{MARK}(?:([1-9])/([1-9]))?:")


@dataclass(frozen=True, slots=True)
class PartialFrames:
    """Some frames of an object: how many there are, and the missing ones from 1."""

    total: int
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    """One line; the whole object is frame 1 of 1, without a tag."""

    number: int
    total: int
    tag: bytes
    piece: bytes


def whole(data: bytes) -> str:
    """Return the text of one QR code for the whole object."""
    return f"{MARK}:{base45.encode(data)}"


def split(data: bytes, max_chars: int = CONSOLE_CHARS) -> tuple[str, ...]:
    """Return the texts of one to three QR codes, as few as possible.

    Args:
        data: an object.
        max_chars: what one code can carry.

    Raises:
        ValueError: three codes of this size do not suffice.
    """
    if len(whole(data)) <= max_chars:
        return (whole(data),)
    room = _room(max_chars)
    total = -(-len(data) // room) if room > 0 else 0
    if not 0 < total <= MAX_FRAMES:
        msg = f"{len(data)} bytes take more than {MAX_FRAMES} codes of {max_chars}"
        raise ValueError(msg)
    size = -(-len(data) // total)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return tuple(
        f"{MARK}{number}/{total}:{base45.encode(_tag(data) + piece)}"
        for number, piece in enumerate(pieces, 1)
    )


def begins_frames(text: str) -> bool:
    """Tell whether a text begins like a frame."""
    return _BEGIN.match(text.lstrip().upper()) is not None


def read_frames(text: str) -> bytes | PartialFrames:
    """Join frames, one on a line.

    Raises:
        ScanError: a line is no frame or damaged, or they are not of one object.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise ScanError(f"expected a line that begins with {MARK}, found none")
    read = {_read(line) for line in lines}
    frames = {frame.number: frame for frame in read}
    (total, tag), *others = {(frame.total, frame.tag) for frame in read}
    if others or len(frames) < len(read):
        raise ScanError("expected frames of one object, found those of two")
    missing = tuple(n for n in range(1, total + 1) if n not in frames)
    if missing:
        return PartialFrames(total, missing)
    data = b"".join(frames[number].piece for number in sorted(frames))
    if not _tag(data).startswith(tag):
        raise ScanError("expected frames of one object, found one of another")
    return data


def _read(line: str) -> _Frame:
    """Take one line apart."""
    text = line.strip().upper()
    found = _BEGIN.match(text)
    if found is None:
        raise ScanError(f"expected every line to begin with {MARK}, found {line[:7]!r}")
    data = base45.decode(text[found.end() :])
    if found[1] is None:
        return _Frame(1, 1, b"", data)
    number, total = int(found[1]), int(found[2])
    if not number <= total <= MAX_FRAMES or len(data) <= _TAG_BYTES:
        raise ScanError(f"expected a frame of at most {MAX_FRAMES}, found {line[:7]}")
    return _Frame(number, total, data[:_TAG_BYTES], data[_TAG_BYTES:])


def _tag(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_TAG_BYTES]


def _room(max_chars: int) -> int:
    """Return how many bytes of an object one of several frames carries."""
    groups, rest = divmod(max_chars - len(f"{MARK}1/1:"), 3)
    return 2 * groups + rest // 2 - _TAG_BYTES
