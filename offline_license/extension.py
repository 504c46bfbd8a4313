"""Emergency codes that can be read out over the telephone.

A hash chain is committed in the license; nothing secret is on the appliance:

    issuer:  chain[0] = 100 secret bits; for i = n … 1: chain.append(H(i, last))
             the last element stands in the license, code i is chain[n - i]
    H(i, v)  top 100 bits of SHA-256("anx-ext-v1" 00 ‖ lid ‖ i (1 byte) ‖ v (13 bytes))
    verify   apply H with i, i - 1, … 1 and compare with the license

Whoever holds code j can compute every code below j, so redeeming j uses up 1 to j and
grants the days of each index beyond the last one redeemed. A code for another license
does not fit, because the lineage enters the hash.

Spelling: 20 Crockford characters of 5 bits, most significant first, and 2 check
characters, in groups of four: ``QZ2P-SXV9-3QWJ-70DP-WRZT-2F``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from offline_license.base32 import ALPHABET, check, read_number, spell
from offline_license.errors import ExtensionCodeError
from offline_license.model import ExtensionAnchor

__all__ = [
    "SECRET_BITS",
    "ExtensionChain",
    "find_index",
    "make_chain",
    "read_code",
    "spell_code",
]

SECRET_BITS = 100
_VALUE_BYTES = 13
_CHARACTERS = 20
_CHECK = 2
_ALIKE = str.maketrans("OIL", "011", "- \t\r\n")


@dataclass(frozen=True, slots=True)
class ExtensionChain:
    """What an issuer keeps for one license: all codes, code 1 first."""

    anchor: ExtensionAnchor
    codes: tuple[str, ...]


def make_chain(lid: bytes, secret: bytes, *, count: int, days: int) -> ExtensionChain:
    """Make the codes of one license.

    Args:
        lid: 16 bytes, the lineage.
        secret: 13 bytes of which the first four bits are not used.
        count: how many codes, 1 to 255.
        days: what each grants.
    """
    last = int.from_bytes(secret[:_VALUE_BYTES], "big") % (1 << SECRET_BITS)
    values = []
    for index in range(count, 0, -1):
        values.append(last)
        last = _step(lid, index, last)
    anchor = ExtensionAnchor(count, days, last.to_bytes(_VALUE_BYTES, "big"))
    return ExtensionChain(anchor, tuple(spell_code(v) for v in reversed(values)))


def find_index(anchor: ExtensionAnchor, lid: bytes, code: str) -> int:
    """Return which code of a license this is, from 1.

    Raises:
        ExtensionCodeError: misheard, or of another license.
    """
    value = read_code(code)
    for index in range(1, anchor.count + 1):
        reached = value
        for step in range(index, 0, -1):
            reached = _step(lid, step, reached)
        if reached.to_bytes(_VALUE_BYTES, "big") == anchor.anchor:
            return index
    raise ExtensionCodeError("expected a code of this license, found one of another")


def spell_code(value: int) -> str:
    """Spell 100 bits with check characters, in groups."""
    body = spell(value, _CHARACTERS)
    text = body + check(body)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def read_code(code: str) -> int:
    """Read a code as typed: any case, O as 0, I and L as 1, blanks and dashes ignored.

    Raises:
        ExtensionCodeError: too long, too short, or the check characters do not fit.
    """
    text = code[:100].upper().translate(_ALIKE)
    if len(text) != _CHARACTERS + _CHECK or not set(text) <= set(ALPHABET):
        raise ExtensionCodeError(
            f"expected {_CHARACTERS + _CHECK} letters and digits, found {len(text)}"
        )
    body = text[:_CHARACTERS]
    if text[_CHARACTERS:] != check(body):
        raise ExtensionCodeError("expected other check characters: one was misheard")
    return read_number(body)


def _step(lid: bytes, index: int, value: int) -> int:
    message = lid + bytes([index]) + value.to_bytes(_VALUE_BYTES, "big")
    digest = hashlib.sha256(b"anx-ext-v1\0" + message).digest()
    return int.from_bytes(digest, "big") >> (256 - SECRET_BITS)
