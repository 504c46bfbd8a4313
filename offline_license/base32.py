"""Crockford's base32: characters that survive telephones, paper and typing.

Bytes are spelled as by RFC 4648, with another alphabet and without padding; a number
is spelled most significant bits first, 5 bits a character.

Source: Douglas Crockford, "Base 32"; the check characters are our own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from offline_license.errors import ScanError

__all__ = ["ALPHABET", "check", "decode", "encode", "read_number", "spell"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 5
_STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_OURS = str.maketrans(_STANDARD, ALPHABET)
_THEIRS = str.maketrans(ALPHABET, _STANDARD)


def encode(data: bytes) -> str:
    """Spell bytes."""
    return base64.b32encode(data).decode().rstrip("=").translate(_OURS)


def decode(text: str) -> bytes:
    """Read bytes strictly: alphabet, length, and zero bits at the end.

    Raises:
        ScanError: it is not what ``encode`` writes.
    """
    padded = text.translate(_THEIRS) + "=" * (-len(text) % 8)
    try:
        data = base64.b32decode(padded)
    except (binascii.Error, ValueError) as error:
        raise ScanError("expected base32 characters, found another text") from error
    if encode(data) != text:
        raise ScanError("expected base32 with zero bits at the end, found others")
    return data


def spell(number: int, characters: int) -> str:
    """Spell the low bits of a number."""
    shifts = range((characters - 1) * _BITS, -1, -_BITS)
    return "".join(ALPHABET[number >> shift & 31] for shift in shifts)


def read_number(text: str) -> int:
    """Read characters of the alphabet as one number."""
    number = 0
    for character in text:
        number = number << _BITS | ALPHABET.index(character)
    return number


def check(text: str) -> str:
    """Return two check characters: SHA-256 of ``"chk"`` and the text, modulo 1024."""
    digest = hashlib.sha256(b"chk" + text.encode()).digest()
    return spell(int.from_bytes(digest[:2], "big") % 1024, 2)
