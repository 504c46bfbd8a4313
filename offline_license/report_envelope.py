"""The signed envelope of a usage report: DSSE, with one or more Ed25519 signatures.

The signatures are over the received bytes of the payload and its type, so nothing has
to be put into a canonical form, and any program for DSSE can verify them:

    "DSSEv1" SP len(type) SP type SP len(payload) SP payload

Source: https://github.com/secure-systems-lab/dsse, protocol and envelope, version 1.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from offline_license.errors import ReportError, SignatureError, SizeError
from offline_license.keys import (
    SIGNATURE_BYTES,
    key_id,
    public_bytes,
    verify_signature,
)
from offline_license.strict_json import JsonValue, read_json, write_json
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.keys import Ed25519PrivateKey

__all__ = [
    "PAYLOAD_TYPE",
    "Envelope",
    "EnvelopeSignature",
    "read_envelope",
    "write_envelope",
]

PAYLOAD_TYPE: Final = "application/vnd.anechoic.usage+json"
_KEY_ID_BYTES = 8
_MOST_SIGNATURES = 8


@dataclass(frozen=True, slots=True)
class EnvelopeSignature:
    """One signature: the 8-byte name of its key, and 64 bytes."""

    key_id: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and who signed it; nothing in it is trusted yet."""

    payload: bytes
    signatures: tuple[EnvelopeSignature, ...] = ()

    @property
    def message(self) -> bytes:
        """The bytes that every signature is over."""
        kind = PAYLOAD_TYPE.encode()
        head = b"DSSEv1 %d %b %d " % (len(kind), kind, len(self.payload))
        return head + self.payload

    def signed(self, key: Ed25519PrivateKey) -> Envelope:
        """Return the envelope with this key's signature; a second one changes it not."""
        added = EnvelopeSignature(key_id(public_bytes(key)), key.sign(self.message))
        others = tuple(one for one in self.signatures if one.key_id != added.key_id)
        return replace(self, signatures=(*others, added))

    def is_signed_by(self, public: bytes) -> bool:
        """Tell whether a signature names this key and is made by it."""
        named = key_id(public)
        for one in self.signatures:
            if one.key_id == named:
                try:
                    verify_signature(public, one.raw, self.message)
                except SignatureError:
                    return False
                return True
        return False


def write_envelope(envelope: Envelope) -> bytes:
    """Return the file."""
    return write_json(
        {
            "payloadType": PAYLOAD_TYPE,
            "payload": _to_text(envelope.payload),
            "signatures": [
                {"keyid": one.key_id.hex(), "sig": _to_text(one.raw)}
                for one in envelope.signatures
            ],
        }
    )


def read_envelope(data: bytes) -> Envelope:
    """Take a file apart without trusting it.

    Raises:
        SizeError: it is empty or larger than any report.
        ReportError: it is no envelope of a usage report.
    """
    if not 0 < len(data) <= TOLERANCES.report_bytes:
        most = TOLERANCES.report_bytes
        raise SizeError(f"expected 1 to {most} bytes, found {len(data)}")
    match read_json(data):
        case {
            "payloadType": str() as kind,
            "payload": str() as payload,
            "signatures": list() as signatures,
            **rest,
        } if not rest and 0 < len(signatures) <= _MOST_SIGNATURES:
            if kind != PAYLOAD_TYPE:
                raise ReportError(f"expected the type {PAYLOAD_TYPE}, found {kind!r}")
            read = tuple(map(_signature, signatures))
        case _:
            raise ReportError("expected a payload, its type and 1 to 8 signatures")
    if len({one.key_id for one in read}) != len(read):
        raise ReportError("expected one signature of each key, found two")
    return Envelope(_from_text(payload), read)


def _signature(entry: JsonValue) -> EnvelopeSignature:
    match entry:
        case {"keyid": str() as named, "sig": str() as sig, **rest} if not rest:
            raw = _from_text(sig)
        case _:
            raise ReportError("expected a signature with keyid and sig")
    if len(raw) != SIGNATURE_BYTES or len(named) != 2 * _KEY_ID_BYTES:
        raise ReportError("expected a key id of 8 bytes and a signature of 64")
    try:
        return EnvelopeSignature(bytes.fromhex(named), raw)
    except ValueError as error:
        raise ReportError("expected a key id in hexadecimal digits") from error


def _to_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_text(text: str) -> bytes:
    """Decode base64 that has one spelling only."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReportError("expected base64") from error
    if _to_text(data) != text:
        raise ReportError("expected base64 in its one spelling")
    return data
