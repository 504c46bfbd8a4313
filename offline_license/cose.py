"""The signed envelope: COSE_Sign1 and COSE_Sign with Ed25519, and nothing else.

Rules:

* the size is capped before any byte is parsed;
* the protected header is exactly ``{1: -19, 4: kid, 16: typ}``, the unprotected one
  is empty: no choice of algorithm, no critical headers, no chains;
* ``typ`` and the external data both name the type of the object, so a lease can
  never pass as a license;
* the signature is verified over the received bytes, before the payload is parsed.

Source: RFC 9052 sections 4.1 to 4.4; the algorithm number is that of RFC 9864
section 2.2 (IANA registry "COSE Algorithms"), the type header that of RFC 9596.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from offline_license import cbor
from offline_license.errors import (
    AlgorithmError,
    DecodeError,
    SizeError,
    TypeMismatchError,
)
from offline_license.keys import (
    SIGNATURE_BYTES,
    Ed25519PrivateKey,
    key_id,
    public_bytes,
    verify_signature,
)
from offline_license.tolerances import TOLERANCES

__all__ = [
    "ALG_ED25519",
    "SIGN1_TAG",
    "SIGN_TAG",
    "ObjectType",
    "Signature",
    "Signed",
    "SignedByMany",
    "check_size",
    "open_sign",
    "open_sign1",
    "sign",
    "sign1",
    "type_of",
]

ALG_ED25519 = -19
SIGN1_TAG = b"\xd2"
SIGN_TAG = b"\xd8\x62"
_ALG, _KID, _TYP = 1, 4, 16
_KID_BYTES = 8


class ObjectType(Enum):
    """The types of signed objects: header text and external data of each."""

    LICENSE = ("anx-lic+1", b"anechoic/lic/1")
    REQUEST = ("anx-req+1", b"anechoic/req/1")
    RESPONSE = ("anx-rsp+1", b"anechoic/rsp/1")
    LEASE = ("anx-lea+1", b"anechoic/lea/1")
    PROXY_KEY = ("anx-pxk+1", b"anechoic/pxk/1")
    KEYSET = ("anx-key+1", b"anechoic/key/1")
    REVOCATION = ("anx-rev+1", b"anechoic/rev/1")
    MINI_REQUEST = (1, b"anechoic/mrq/1")

    def __init__(self, typ: str | int, external: bytes) -> None:
        """Name header 16, and the external data that enters the signature only.

        One header is a number, because it must be small in a QR code.
        """
        self.typ = typ
        self.external = external


@dataclass(frozen=True, slots=True)
class Signed:
    """A COSE_Sign1 object as received; nothing in it is trusted yet."""

    type: ObjectType
    protected: bytes
    kid: bytes
    payload: bytes
    signature: bytes

    def verify(self, public: bytes) -> bytes:
        """Return the payload when the signature is made by this key.

        Raises:
            SignatureError: it is not.
        """
        message = _to_be_signed1(self.type, self.protected, self.payload)
        verify_signature(public, self.signature, message)
        return self.payload


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of an object that several keys sign."""

    protected: bytes
    kid: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedByMany:
    """A COSE_Sign object as received; nothing in it is trusted yet."""

    type: ObjectType
    protected: bytes
    payload: bytes
    signatures: tuple[Signature, ...]

    def verify(self, signature: Signature, public: bytes) -> None:
        """Verify one of the signatures with this key.

        Raises:
            SignatureError: it does not match.
        """
        message = _to_be_signed(
            self.type, self.protected, signature.protected, self.payload
        )
        verify_signature(public, signature.signature, message)


def sign1(type_: ObjectType, payload: bytes, key: Ed25519PrivateKey) -> bytes:
    """Sign a payload with one key and return the tagged COSE_Sign1 bytes."""
    kid = key_id(public_bytes(key))
    protected = cbor.encode({_ALG: ALG_ED25519, _KID: kid, _TYP: type_.typ})
    signature = key.sign(_to_be_signed1(type_, protected, payload))
    return SIGN1_TAG + cbor.encode([protected, {}, payload, signature])


def sign(
    type_: ObjectType, payload: bytes, keys: tuple[Ed25519PrivateKey, ...]
) -> bytes:
    """Sign a payload with several keys and return the tagged COSE_Sign bytes."""
    body = cbor.encode({_TYP: type_.typ})
    signatures = []
    for key in sorted(keys, key=lambda one: key_id(public_bytes(one))):
        kid = key_id(public_bytes(key))
        signer = cbor.encode({_ALG: ALG_ED25519, _KID: kid})
        raw = key.sign(_to_be_signed(type_, body, signer, payload))
        signatures.append([signer, {}, raw])
    return SIGN_TAG + cbor.encode([body, {}, payload, signatures])


def check_size(data: bytes) -> None:
    """Refuse what no object can be, before any byte is looked at.

    Raises:
        SizeError: empty or too large.
    """
    if not 0 < len(data) <= TOLERANCES.object_bytes:
        raise SizeError(
            f"expected 1 to {TOLERANCES.object_bytes} bytes, found {len(data)}"
        )


def type_of(data: bytes) -> ObjectType:
    """Return what an object says it is; nothing of it is verified.

    Raises:
        SizeError, DecodeError, TypeMismatchError: it is none of ours.
    """
    many = data.startswith(SIGN_TAG)
    protected, _, _ = _parts(data, SIGN_TAG if many else SIGN1_TAG)
    found = _decode_header(protected).get(_TYP)
    for type_ in ObjectType:
        if _is_typ(found, type_):
            return type_
    raise TypeMismatchError(f"expected a type of this program, found {found!r}")


def open_sign1(data: bytes, type_: ObjectType) -> Signed:
    """Take a COSE_Sign1 object of this type apart without trusting it.

    Raises:
        SizeError, DecodeError, AlgorithmError, TypeMismatchError: it is refused.
    """
    protected, payload, signature = _parts(data, SIGN1_TAG)
    header = _header(protected, type_, {_ALG, _KID, _TYP})
    if not isinstance(signature, bytes) or len(signature) != SIGNATURE_BYTES:
        raise DecodeError(f"expected a signature of {SIGNATURE_BYTES} bytes")
    return Signed(type_, protected, _kid(header), payload, signature)


def open_sign(data: bytes, type_: ObjectType) -> SignedByMany:
    """Take a COSE_Sign object of this type apart without trusting it.

    Raises:
        SizeError, DecodeError, AlgorithmError, TypeMismatchError: it is refused.
    """
    protected, payload, entries = _parts(data, SIGN_TAG)
    _header(protected, type_, {_TYP})
    if not isinstance(entries, list):
        raise DecodeError("expected a list of signatures")
    signatures = tuple(_signature(entry, type_) for entry in entries)
    return SignedByMany(type_, protected, payload, signatures)


def _parts(data: bytes, tag: bytes) -> tuple[bytes, bytes, cbor.Value]:
    """Return protected header, payload and the signature part of an envelope."""
    check_size(data)
    if not data.startswith(tag):
        if data.startswith((SIGN1_TAG, SIGN_TAG)):
            raise TypeMismatchError("expected another kind of signed object")
        raise DecodeError(
            f"expected the tag {tag.hex()}, found {data[: len(tag)].hex()}"
        )
    match cbor.decode(data[len(tag) :]):
        case [bytes() as protected, {} as unprotected, bytes() as payload, rest]:
            if unprotected:
                raise DecodeError("expected an empty unprotected header")
            return protected, payload, rest
        case _:
            raise DecodeError("expected [protected, {}, payload, signature]")


def _signature(entry: cbor.Value, type_: ObjectType) -> Signature:
    match entry:
        case [bytes() as protected, {} as unprotected, bytes() as raw] if (
            not unprotected and len(raw) == SIGNATURE_BYTES
        ):
            header = _header(protected, type_, {_ALG, _KID})
            return Signature(protected, _kid(header), raw)
        case _:
            raise DecodeError("expected [protected, {}, signature of 64 bytes]")


def _header(
    protected: bytes, type_: ObjectType, labels: set[int]
) -> dict[int, cbor.Value]:
    """Decode a protected header and hold it to exactly these labels."""
    header = _decode_header(protected)
    if _TYP in labels and not _is_typ(header.get(_TYP), type_):
        raise TypeMismatchError(
            f"expected an object of type {type_.typ}, found {header.get(_TYP)!r}"
        )
    if _ALG in labels and header.get(_ALG) != ALG_ED25519:
        raise AlgorithmError(
            f"expected algorithm {ALG_ED25519} (Ed25519), found {header.get(_ALG)!r}"
        )
    if set(header) != labels:
        raise DecodeError(
            f"expected the headers {sorted(labels)}, found {sorted(header)}"
        )
    return header


def _is_typ(found: object, type_: ObjectType) -> bool:
    """Compare header 16 exactly: to Python, ``true`` would be 1."""
    return type(found) is type(type_.typ) and found == type_.typ


def _decode_header(protected: bytes) -> dict[int, cbor.Value]:
    """Decode a protected header; negative and unknown values pass to the checks."""
    header = cbor.decode(protected)
    if not isinstance(header, dict):
        raise DecodeError("expected a map as protected header")
    return header


def _kid(header: dict[int, cbor.Value]) -> bytes:
    kid = header[_KID]
    if not isinstance(kid, bytes) or len(kid) != _KID_BYTES:
        raise DecodeError(f"expected a key id of {_KID_BYTES} bytes")
    return kid


def _to_be_signed1(type_: ObjectType, protected: bytes, payload: bytes) -> bytes:
    return cbor.encode(["Signature1", protected, type_.external, payload])


def _to_be_signed(
    type_: ObjectType, body: bytes, signer: bytes, payload: bytes
) -> bytes:
    return cbor.encode(["Signature", body, signer, type_.external, payload])
