"""Base45: bytes as text of the characters that a QR code packs best.

Two bytes become three characters, a last single byte becomes two. Such a text never
ends in a blank, which programs like to cut off: the third character of a group is at
most 32, the last of two at most 5, and the blank is 36.

Source: RFC 9285.
"""

from __future__ import annotations

from offline_license.errors import ScanError

__all__ = ["decode", "encode"]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_BASE = 45


def encode(data: bytes) -> str:
    """Spell bytes."""
    return "".join(_spell(data[at : at + 2]) for at in range(0, len(data), 2))


def decode(text: str) -> bytes:
    """Read bytes.

    Raises:
        ScanError: another character, an impossible length or an impossible group.
    """
    return b"".join(_read(text[at : at + 3]) for at in range(0, len(text), 3))


def _spell(pair: bytes) -> str:
    """Spell one or two bytes, the least significant character first."""
    number, spelled = int.from_bytes(pair, "big"), ""
    for _ in range(len(pair) + 1):
        number, digit = divmod(number, _BASE)
        spelled += _ALPHABET[digit]
    return spelled


def _read(group: str) -> bytes:
    """Read two or three characters."""
    size, number = len(group) - 1, 0
    for character in reversed(group):
        if character not in _VALUES:
            raise ScanError(f"expected characters of base45, found {character!r}")
        number = number * _BASE + _VALUES[character]
    if not size or number >= 1 << 8 * size:
        raise ScanError(f"expected groups of base45, found {group!r}")
    return number.to_bytes(size, "big")
