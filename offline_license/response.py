"""The response: one file that answers a request.

    license            the renewal
    key set            where it may be newer than that of the site
    revocation list    likewise
    ack                the ledger checkpoint that the vendor has accepted

It is signed by the issuing key of its license. That key may be in the enclosed key set
only, so this is the one object whose payload is looked into before its own signature:
for the key set, which the root keys sign. Everything inside is verified before anything
is used, and what is not newer than what the site has is left aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1, sign1
from offline_license.errors import KeysetError
from offline_license.fields import Fields
from offline_license.keyset import Keyset, newer_keyset
from offline_license.license import VerifiedLicense, use_for, verify_license
from offline_license.model import LedgerAck
from offline_license.revocation import Revocations, newer_revocations

if TYPE_CHECKING:
    from offline_license.anchor import LicenseAnchor
    from offline_license.keys import Ed25519PrivateKey

__all__ = [
    "Response",
    "VerifiedResponse",
    "encode_response",
    "peek_response",
    "sign_response",
    "verify_response",
]

_NAMES = {
    1: "schema",
    2: "iat",
    3: "license",
    4: "key set",
    5: "revocation list",
    6: "ack",
}


@dataclass(frozen=True, slots=True)
class Response:
    """What a vendor answers: signed objects as bytes, and when it was made.

    Attributes:
        iat: seconds UTC; inside the window of the issuing key.
        license: the license object.
        keyset, revocations: the objects; None where they are not enclosed.
        ack: the accepted ledger checkpoint; None without one.
    """

    iat: int
    license: bytes
    keyset: bytes | None = None
    revocations: bytes | None = None
    ack: LedgerAck | None = None


@dataclass(frozen=True, slots=True)
class VerifiedResponse:
    """A genuine response and what is in force with it.

    Attributes:
        response: as received.
        license: verified against ``keyset``.
        keyset: the enclosed one, or that of the site where it is as new.
        revocations: likewise; None where there is none at all.
        newer_keyset: the enclosed object, where it is newer; to be kept.
        newer_revocations: likewise.
    """

    response: Response
    license: VerifiedLicense
    keyset: Keyset
    revocations: Revocations | None
    newer_keyset: bytes | None
    newer_revocations: bytes | None

    @property
    def ack(self) -> LedgerAck | None:
        """The accepted ledger checkpoint: of the response, else of the license."""
        return self.response.ack or self.license.license.ack


def sign_response(response: Response, key: Ed25519PrivateKey) -> bytes:
    """Sign a response with the issuing key of its license."""
    return sign1(ObjectType.RESPONSE, encode_response(response), key)


def verify_response(
    data: bytes,
    anchor: LicenseAnchor,
    *,
    keyset: Keyset | None = None,
    revocations: Revocations | None = None,
) -> VerifiedResponse:
    """Verify a response and everything inside it.

    Args:
        data: the object.
        anchor: the root keys, for a site that has no key set yet.
        keyset: that of the site; None where it has none yet.
        revocations: those of the site.

    Raises:
        LicenseError: a child names the cause; nothing of it must be used.
    """
    signed = open_sign1(data, ObjectType.RESPONSE)
    response = _decode(signed.payload)
    newer = _newer_keyset(response, anchor, keyset)
    in_force = newer or keyset
    if in_force is None:
        raise KeysetError("expected a key set in the response or here, found none")
    issuing = in_force.key(signed.kid)
    signed.verify(issuing.public)
    license_ = verify_license(response.license, in_force)
    issuing.check_use(use_for(license_.license.kind))
    issuing.check_window(response.iat)
    listed = _newer_revocations(response, in_force, revocations)
    return VerifiedResponse(
        response,
        license_,
        in_force,
        listed or revocations,
        response.keyset if newer else None,
        response.revocations if listed else None,
    )


def _newer_keyset(
    response: Response, anchor: LicenseAnchor, keyset: Keyset | None
) -> Keyset | None:
    if response.keyset is None:
        return None
    return newer_keyset(response.keyset, anchor, keyset)


def _newer_revocations(
    response: Response, keyset: Keyset, revocations: Revocations | None
) -> Revocations | None:
    if response.revocations is None:
        return None
    return newer_revocations(response.revocations, keyset, revocations)


def peek_response(data: bytes) -> Response:
    """Read a response without verifying anything: for showing only.

    Raises:
        LicenseError: the bytes are no response at all.
    """
    return _decode(open_sign1(data, ObjectType.RESPONSE).payload)


def encode_response(response: Response) -> bytes:
    """Return the payload: deterministic CBOR, absent fields left out."""
    every: dict[int, object] = {
        1: 1,
        2: response.iat,
        3: response.license,
        4: response.keyset,
        5: response.revocations,
        6: response.ack and response.ack.to_value(),
    }
    return cbor.encode({key: one for key, one in every.items() if one is not None})


def _decode(payload: bytes) -> Response:
    fields = Fields(payload, _NAMES)
    fields.exactly(1, 1)
    return Response(
        iat=fields.uint(2),
        license=fields.some_octets(3),
        keyset=fields.optional(4, fields.some_octets),
        revocations=fields.optional(5, fields.some_octets),
        ack=fields.optional(6, lambda k: LedgerAck.from_value(fields.raw(k))),
    )
