"""The mini request: a renewal asked for by a QR code on a console of 80x24.

It holds what a vendor needs who knows the installation already. The key is named and
not carried, so the vendor looks it up by ``kid``; the lineage is cut to the four bytes
that its serial shows. What is cut identifies, the signature proves. A first request is
never mini: its install key would be unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.cose import ObjectType, Signed, open_sign1, sign1
from offline_license.errors import SchemaError, UnknownKeyError
from offline_license.fields import Fields, uint
from offline_license.keys import key_id, public_bytes, short_id
from offline_license.states import Flag

if TYPE_CHECKING:
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.request import Request

__all__ = ["MiniRequest", "mini_request", "peek_mini_request", "verify_mini_request"]

_START_BYTES = 4
_MAX_FLAGS = (1 << 64) - 1
_NAMES = {2: "lid", 3: "seq", 6: "nonce", 7: "time", 8: "ledger head"}


@dataclass(frozen=True, slots=True)
class MiniRequest:
    """What a mini request says; the numbers of its fields are those of a request.

    Attributes:
        kid: 8 bytes, names the install key.
        lid: the first four bytes of the lineage.
        seq: of the license in use.
        nonce: four bytes.
        wall_s: the wall clock when it was made, seconds UTC.
        flags: what was raised.
        ledger: index, and the first four bytes of the head; None without a ledger.
    """

    kid: bytes
    lid: bytes
    seq: int
    nonce: bytes
    wall_s: int
    flags: tuple[Flag, ...] = ()
    ledger: tuple[int, bytes] | None = None

    @property
    def serial(self) -> str:
        """The license in use, as its own serial shows it."""
        return f"{short_id(self.lid)}/{self.seq}"


def mini_request(request: Request, install_key: Ed25519PrivateKey) -> bytes:
    """Sign the mini form of a request.

    Raises:
        ValueError: it names no license, or another install key.
    """
    if request.lid is None:
        msg = "a first request has no mini form: its install key is not known yet"
        raise ValueError(msg)
    if public_bytes(install_key) != request.install_key:
        msg = "the request names another install key"
        raise ValueError(msg)
    every = {
        2: request.lid[:_START_BYTES],
        3: request.seq,
        6: request.nonce[:_START_BYTES],
        7: [request.wall_s, sum(1 << flag for flag in set(request.flags))],
    }
    if request.ledger is not None:
        index, head = request.ledger
        every[8] = [index, head[:_START_BYTES]]
    return sign1(ObjectType.MINI_REQUEST, cbor.encode(every), install_key)


def verify_mini_request(data: bytes, install_key: bytes) -> MiniRequest:
    """Verify a mini request with the install key that the vendor knows.

    Args:
        data: the object.
        install_key: 32 bytes, public; found by the ``kid`` of ``peek_mini_request``.

    Raises:
        UnknownKeyError: it is signed by another install key.
        LicenseError: it is damaged.
    """
    signed = open_sign1(data, ObjectType.MINI_REQUEST)
    if signed.kid != key_id(install_key):
        raise UnknownKeyError(
            f"expected a request by installation {short_id(key_id(install_key))}, "
            f"found {short_id(signed.kid)}"
        )
    signed.verify(install_key)
    return _decode(signed)


def peek_mini_request(data: bytes) -> MiniRequest:
    """Read a mini request without verifying its signature.

    Raises:
        LicenseError: the bytes are no mini request at all.
    """
    return _decode(open_sign1(data, ObjectType.MINI_REQUEST))


def _decode(signed: Signed) -> MiniRequest:
    fields = Fields(signed.payload, _NAMES)
    wall_s, flags = _time(fields.raw(7))
    return MiniRequest(
        kid=signed.kid,
        lid=fields.octets(2, _START_BYTES),
        seq=fields.uint(3),
        nonce=fields.octets(6, _START_BYTES),
        wall_s=wall_s,
        flags=flags,
        ledger=fields.optional(8, lambda k: _ledger(fields.raw(k))),
    )


def _time(value: cbor.Value) -> tuple[int, tuple[Flag, ...]]:
    match value:
        case [wall_s, flags]:
            bits = uint(flags, "flags", _MAX_FLAGS)
            raised = tuple(flag for flag in Flag if bits >> flag & 1)
            return uint(wall_s, "wall"), raised
        case _:
            raise SchemaError("time: expected [wall, flags]")


def _ledger(value: cbor.Value) -> tuple[int, bytes]:
    match value:
        case [index, bytes() as head] if len(head) == _START_BYTES:
            return uint(index, "ledger index"), head
        case _:
            raise SchemaError("ledger head: expected [index, 4 bytes]")
