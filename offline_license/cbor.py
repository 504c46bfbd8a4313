"""Deterministic CBOR, the strict subset that licensing objects are made of.

Allowed: integers of 64 bits, byte strings, UTF-8 text, arrays, maps with unsigned
integer keys, false and true. Everything else is refused: tags, floats, null,
indefinite lengths, heads longer than necessary, unsorted or repeated keys.

The decoder is our own because a general one interprets before it can be asked to
refuse: tag 35 compiles a regular expression, ``True`` and ``1`` collide as keys, and
trailing bytes pass. The encoder is cbor2's, so that the comparison of the re-encoded
value with the received bytes is made by two independent programs.

Source: RFC 8949 section 4.2.1, core deterministic encoding.
"""

from __future__ import annotations

from typing import TypeAlias

import cbor2

from offline_license.errors import DecodeError, TrailingError
from offline_license.tolerances import TOLERANCES

__all__ = ["Value", "decode", "encode"]

Value: TypeAlias = "int | bytes | str | bool | list[Value] | dict[int, Value]"

_LONGEST = {24: (1, 24), 25: (2, 1 << 8), 26: (4, 1 << 16), 27: (8, 1 << 32)}
_CONSTANTS = {0xF4: False, 0xF5: True}


def encode(value: object) -> bytes:
    """Encode a value of the allowed types deterministically."""
    return cbor2.dumps(value, canonical=True)


def decode(data: bytes) -> Value:
    """Decode exactly one deterministic value.

    Raises:
        DecodeError: the bytes are not of the allowed subset.
        TrailingError: bytes follow the value.
    """
    reader = _Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise TrailingError(
            f"expected the object to end at byte {reader.at}, found {len(data)} bytes"
        )
    if encode(value) != data:
        raise DecodeError("expected deterministic CBOR, found another encoding of it")
    return value


class _Reader:
    """Walks over the bytes; the position never passes the end."""

    __slots__ = ("_data", "_items_left", "at")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._items_left = TOLERANCES.items
        self.at = 0

    def value(self, depth: int) -> Value:
        """Read one value and everything inside it."""
        if depth > TOLERANCES.depth:
            raise DecodeError(f"expected at most {TOLERANCES.depth} levels of nesting")
        start = self.at
        initial = self._take(1)[0]
        if initial in _CONSTANTS:
            return _CONSTANTS[initial]
        number = self._number(initial & 31, start)
        match initial >> 5:
            case 0:
                value: Value = number
            case 1:
                value = -1 - number
            case 2:
                value = self._take(number)
            case 3:
                value = self._text(number)
            case 4:
                value = [self.value(depth + 1) for _ in self._items(number)]
            case 5:
                value = self._map(number, depth + 1)
            case _:
                raise DecodeError(f"found a tag or simple value at byte {start}")
        return value

    def _number(self, info: int, start: int) -> int:
        """Read the argument of a head in its shortest form."""
        if info < 24:  # noqa: PLR2004 - the head's own number
            return info
        if info not in _LONGEST:
            raise DecodeError(f"found a reserved or indefinite length at byte {start}")
        size, least = _LONGEST[info]
        number = int.from_bytes(self._take(size), "big")
        if number < least:
            raise DecodeError(f"found an integer longer than needed at byte {start}")
        return number

    def _items(self, count: int) -> range:
        """Count items before any is built; a false count ends here."""
        self._items_left -= count
        if self._items_left < 0:
            raise DecodeError(f"expected at most {TOLERANCES.items} values in all")
        return range(count)

    def _text(self, size: int) -> str:
        raw = self._take(size)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DecodeError("found text that is not UTF-8") from error

    def _map(self, count: int, depth: int) -> dict[int, Value]:
        found: dict[int, Value] = {}
        last = -1
        for _ in self._items(count):
            start = self.at
            key = self.value(depth)
            if type(key) is not int or key <= last:
                raise DecodeError(
                    f"found a map key at byte {start} that is out of order, "
                    "repeated or no unsigned integer"
                )
            found[key] = self.value(depth)
            last = key
        return found

    def _take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self._data):
            raise DecodeError(
                f"expected {size} bytes at {self.at}, found {len(self._data) - self.at}"
            )
        taken = self._data[self.at : end]
        self.at = end
        return taken
