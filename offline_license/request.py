"""The request: what an appliance asks its vendor for, signed by its install key.

It proves possession of the install key that the license will be bound to. The issuer
refuses keys of low order, for which a signature would prove nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1, sign1
from offline_license.errors import SchemaError, SignatureError
from offline_license.fields import Fields, array, uint
from offline_license.fingerprint import SALT_BYTES, Fingerprint
from offline_license.keys import check_public_key, key_id, public_bytes
from offline_license.model import HEAD_BYTES
from offline_license.states import Flag
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.keys import Ed25519PrivateKey

__all__ = [
    "NONCE_BYTES",
    "REQUEST_HASH_BYTES",
    "Request",
    "encode_request",
    "peek_request",
    "request_hash",
    "sign_request",
    "verify_request",
]

NONCE_BYTES = 16
REQUEST_HASH_BYTES = 16
_NAMES = {
    1: "schema",
    2: "lid",
    3: "seq",
    4: "ik",
    5: "fp",
    6: "nonce",
    7: "time",
    8: "ledger head",
    9: "usage",
    10: "build",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What an appliance says about itself.

    Attributes:
        install_key: 32 bytes, public.
        nonce: 16 random bytes.
        wall_s, proved_s: ``W`` and ``P`` when it was made, seconds UTC.
        build: version of the software.
        lid, seq: the license in use; None and 0 when there is none.
        fingerprint: the host, salted; None when it could not be read.
        flags: what was raised.
        ledger: index and head of the usage ledger; None without one.
        usage: counters since the last acknowledged checkpoint.
    """

    install_key: bytes
    nonce: bytes
    wall_s: int
    proved_s: int
    build: str
    lid: bytes | None = None
    seq: int = 0
    fingerprint: Fingerprint | None = None
    flags: tuple[Flag, ...] = ()
    ledger: tuple[int, bytes] | None = None
    usage: tuple[tuple[int, int], ...] = ()


def sign_request(request: Request, install_key: Ed25519PrivateKey) -> bytes:
    """Sign a request with the install key that it names.

    Raises:
        ValueError: the private key is another one.
    """
    if public_bytes(install_key) != request.install_key:
        msg = "the request names another install key"
        raise ValueError(msg)
    return sign1(ObjectType.REQUEST, encode_request(request), install_key)


def verify_request(data: bytes) -> Request:
    """Verify a request with the install key inside it.

    Raises:
        WeakKeyError: the install key would prove nothing.
        LicenseError: it is damaged in another way.
    """
    signed = open_sign1(data, ObjectType.REQUEST)
    request = _decode(signed.payload)
    if signed.kid != key_id(request.install_key):
        raise SignatureError("expected the request to be signed by its install key")
    signed.verify(request.install_key)
    return request


def peek_request(data: bytes) -> Request:
    """Read a request without verifying its signature: for showing only.

    Raises:
        LicenseError: the bytes are no request at all.
    """
    return _decode(open_sign1(data, ObjectType.REQUEST).payload)


def request_hash(data: bytes) -> bytes:
    """Return the 16 bytes by which a license names the request it answers."""
    return hashlib.sha256(data).digest()[:REQUEST_HASH_BYTES]


def encode_request(request: Request) -> bytes:
    """Return the payload: deterministic CBOR, absent fields left out."""
    times = [request.wall_s, request.proved_s, [int(flag) for flag in request.flags]]
    every: dict[int, object] = {
        1: 1,
        2: request.lid,
        3: request.seq,
        4: request.install_key,
        5: _fingerprint_value(request.fingerprint),
        6: request.nonce,
        7: times,
        8: request.ledger and list(request.ledger),
        9: [list(one) for one in request.usage] or None,
        10: request.build,
    }
    return cbor.encode({key: one for key, one in every.items() if one is not None})


def _fingerprint_value(seen: Fingerprint | None) -> list[object] | None:
    return None if seen is None else [seen.salt, seen.to_value()]


def _decode(payload: bytes) -> Request:
    fields = Fields(payload, _NAMES)
    fields.exactly(1, 1)
    wall_s, proved_s, flags = _times(fields.raw(7))
    return Request(
        install_key=check_public_key(fields.octets(4, 32)),
        nonce=fields.octets(6, NONCE_BYTES),
        wall_s=wall_s,
        proved_s=proved_s,
        build=fields.text(10, TOLERANCES.text_bytes),
        lid=fields.optional(2, lambda k: fields.octets(k, 16)),
        seq=fields.uint(3),
        fingerprint=fields.optional(5, lambda k: _fingerprint(fields.raw(k))),
        flags=flags,
        ledger=fields.optional(8, lambda k: _ledger(fields.raw(k))),
        usage=fields.optional(9, lambda k: _usage(fields.array(k))) or (),
    )


def _times(value: cbor.Value) -> tuple[int, int, tuple[Flag, ...]]:
    match value:
        case [wall_s, proved_s, list() as flags]:
            read = {uint(one, "flag", 255) for one in flags}
            known = tuple(flag for flag in Flag if flag in read)
            return uint(wall_s, "wall"), uint(proved_s, "proved"), known
        case _:
            raise SchemaError("time: expected [wall, proved, flags]")


def _fingerprint(value: cbor.Value) -> Fingerprint:
    match value:
        case [bytes() as salt, groups] if len(salt) == SALT_BYTES:
            return Fingerprint.from_value(salt, groups)
        case _:
            raise SchemaError("fp: expected [salt of 16 bytes, groups]")


def _ledger(value: cbor.Value) -> tuple[int, bytes]:
    match value:
        case [index, bytes() as head] if len(head) == HEAD_BYTES:
            return uint(index, "ledger index"), head
        case _:
            raise SchemaError("ledger head: expected [index, 16 bytes]")


def _usage(entries: list[cbor.Value]) -> tuple[tuple[int, int], ...]:
    pairs = []
    for entry in entries:
        match array(entry, "usage"):
            case [counter, value]:
                pairs.append((uint(counter, "counter", 255), uint(value, "usage")))
            case _:
                raise SchemaError("usage: expected [[counter, value], …]")
    return tuple(pairs)
