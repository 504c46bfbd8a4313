"""A second verifier, written from docs/license-format.md alone.

It shares no line with `offline_license`: cbor2 reads, cryptography verifies. What is
signed is found here as the page says it; a page that is wrong or silent fails a test.
It is no example for a product: it trusts the encoding and bounds nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = [
    "Anchor",
    "chain_of",
    "extension_index",
    "key_id",
    "open_one",
    "report",
    "signer_of",
]

_ED25519 = -19
_SLOT_BYTES = 192


@dataclass(frozen=True, slots=True)
class Anchor:
    """Section 3."""

    threshold: int
    roots: tuple[bytes, ...]

    @classmethod
    def read(cls, data: bytes) -> Anchor:
        """Read the file of root keys."""
        fields = cbor2.loads(data)
        return cls(fields[2], tuple(fields[3]))

    def open_keyset(self, data: bytes) -> dict[bytes, Any]:
        """Verify a key set (section 4); give its keys by their ids."""
        body, _, payload, signatures = _tagged(data, 98)
        assert cbor2.loads(body) == {16: "anx-key+1"}
        good = set()
        for head, _, raw in signatures:
            kid = cbor2.loads(head)[4]
            parts = ["Signature", body, head, b"anechoic/key/1", payload]
            for root in self.roots:
                if key_id(root) == kid and _good(root, raw, parts):
                    good.add(root)
        assert len(good) >= self.threshold
        return {key_id(key[2]): key for key in cbor2.loads(payload)[4]}


def key_id(public: bytes) -> bytes:
    """Name a key."""
    return hashlib.sha256(public).digest()[:8]


def open_one(
    data: bytes, typ: str | int, external: str, public: bytes
) -> dict[int, Any]:
    """Verify a COSE_Sign1 object (section 2) and give its payload."""
    head, unprotected, payload, raw = _tagged(data, 18)
    assert unprotected == {}
    assert cbor2.loads(head) == {1: _ED25519, 4: key_id(public), 16: typ}
    assert _good(public, raw, ["Signature1", head, external.encode(), payload])
    fields: dict[int, Any] = cbor2.loads(payload)
    return fields


def signer_of(data: bytes) -> bytes:
    """Give the key id that an object names."""
    kid: bytes = cbor2.loads(_tagged(data, 18)[0])[4]
    return kid


def extension_index(lid: bytes, anchor: bytes, value: int, count: int) -> int | None:
    """Find which code of a chain this is (docs/licensing.md, emergency codes)."""
    for index in range(1, count + 1):
        reached = value
        for step in range(index, 0, -1):
            told = lid + bytes([step]) + reached.to_bytes(13, "big")
            digest = hashlib.sha256(b"anx-ext-v1\0" + told).digest()
            reached = int.from_bytes(digest, "big") >> 156
        if reached.to_bytes(13, "big") == anchor:
            return index
    return None


def from_qr(*texts: str) -> bytes:
    """Join the texts of QR codes (section 12)."""
    pieces = {}
    for text in texts:
        head, _, body = text.partition(":")
        number = 0
        if "/" in head:
            number = int(head.removeprefix("ANX").split("/")[0])
        pieces[number] = _base45(body)
    tagged = [pieces[number] for number in sorted(pieces)]
    if 0 in pieces:
        return pieces[0]
    data = b"".join(piece[2:] for piece in tagged)
    assert all(piece[:2] == hashlib.sha256(data).digest()[:2] for piece in tagged)
    return data


def from_scanner(text: str) -> bytes:
    """Read what a scanner typed (section 13)."""
    head, *lines = text.split()
    bits = ""
    for number, line in enumerate(lines, 1):
        content, check = line[:-2], line[-2:]
        told = f"chk{number}:{content}".encode()
        rest = int.from_bytes(hashlib.sha256(told).digest()[:2], "big") % 1024
        assert check == head[rest >> 5] + head[rest & 31]
        bits += "".join(f"{head.index(character):05b}" for character in content)
    size = len(bits) // 8
    return int(bits[: 8 * size], 2).to_bytes(size, "big")


def _base45(text: str) -> bytes:
    """Read base45 (RFC 9285)."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    data = b""
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        number = sum(alphabet.index(c) * 45**n for n, c in enumerate(group))
        data += number.to_bytes(len(group) - 1, "big")
    return data


def chain_of(slots: bytes, install_key: bytes) -> tuple[int, bytes]:
    """Walk a ledger from its beginning; give its length and the chain behind it."""
    chain = hashlib.sha256(b"\0anechoic ledger" + install_key).digest()
    for at in range(0, len(slots), _SLOT_BYTES):
        slot = slots[at : at + _SLOT_BYTES]
        record = slot[1 : 1 + slot[0]]
        index, t, boot, kind, body = cbor2.loads(record)
        assert index == at // _SLOT_BYTES
        if kind == 12:
            *unsigned, raw = body
            assert unsigned[0] == chain
            told = b"\1" + _encoded([index, t, boot, kind, unsigned])
            Ed25519PublicKey.from_public_bytes(install_key).verify(raw, told)
        chain = hashlib.sha256(b"\0" + chain + record).digest()
        assert slot[-4:] == chain[:4]
    return len(slots) // _SLOT_BYTES, chain


def report(text: str, install_key: bytes) -> dict[str, Any]:
    """Verify the DSSE envelope of a report and give what it says."""
    envelope = json.loads(text)
    kind = envelope["payloadType"].encode()
    payload = base64.b64decode(envelope["payload"])
    told = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    (signature,) = envelope["signatures"]
    assert signature["keyid"] == key_id(install_key).hex()
    raw = base64.b64decode(signature["sig"])
    Ed25519PublicKey.from_public_bytes(install_key).verify(raw, told)
    said: dict[str, Any] = json.loads(payload)
    return said


def _tagged(data: bytes, tag: int) -> list[Any]:
    found = cbor2.loads(data)
    assert found.tag == tag
    return list(found.value)


def _good(public: bytes, raw: bytes, parts: list[Any]) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(raw, _encoded(parts))
    except InvalidSignature:
        return False
    return True


def _encoded(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)
