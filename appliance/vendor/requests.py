"""Requests as they reach the vendor: file, paste, QR text, in full or mini form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.vendor.errors import NotAnObjectError, VendorTermsError
from offline_license.cose import ObjectType
from offline_license.errors import IntakeError
from offline_license.intake import PartialFrames, SignedObject, recognize
from offline_license.mini import peek_mini_request, verify_mini_request
from offline_license.request import request_hash, verify_request

if TYPE_CHECKING:
    from appliance.vendor.lineages import Lineages
    from offline_license.fingerprint import Fingerprint
    from offline_license.intake import Intake
    from offline_license.states import Flag

__all__ = ["Asked", "read_request"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says, whatever its form.

    Attributes:
        install_key: 32 bytes; proved by the signature.
        digest: 16 bytes by which the answer names the request.
        lid: the license in use; None when there is none.
        seq: its number.
        fingerprint: the host; None where a mini request leaves it out.
        wall_s, flags: the clock and what was raised.
        ledger: index and the first bytes of the head, as many as the form carries.
        usage: counters since the last acknowledged checkpoint.
        mini: whether it came in the mini form, which says nothing about the host.
    """

    install_key: bytes
    digest: bytes
    lid: bytes | None
    seq: int
    fingerprint: Fingerprint | None
    wall_s: int
    flags: tuple[Flag, ...]
    ledger: tuple[int, bytes] | None
    usage: tuple[tuple[int, int], ...] = ()
    mini: bool = False


def read_request(data: bytes, lineages: Lineages) -> Asked:
    """Verify a request in any form.

    Args:
        data: a file, or the text of one or more QR codes.
        lineages: to find the install key that a mini request only names.

    Raises:
        NotAnObjectError: it is something else, or a part is missing.
        UnknownLineageError: a mini request of an unknown installation.
        LicenseError: it is damaged or not signed by its install key.
    """
    match _recognized(data):
        case SignedObject(ObjectType.REQUEST, found):
            return _full(found)
        case SignedObject(ObjectType.MINI_REQUEST, found):
            return _mini(found, lineages)
        case PartialFrames(total, missing):
            parts = ", ".join(map(str, missing))
            raise NotAnObjectError(
                f"expected {total} parts of a QR code, found all but {parts}"
            )
        case other:
            found_type = other.type.name if isinstance(other, SignedObject) else "code"
            raise NotAnObjectError(
                f"expected a request, found a {found_type.lower().replace('_', ' ')}"
            )


def _recognized(data: bytes) -> Intake:
    try:
        return recognize(data)
    except IntakeError as error:
        raise NotAnObjectError(f"expected a request, found none: {error}") from error


def _full(data: bytes) -> Asked:
    request = verify_request(data)
    return Asked(
        install_key=request.install_key,
        digest=request_hash(data),
        lid=request.lid,
        seq=request.seq,
        fingerprint=request.fingerprint,
        wall_s=request.wall_s,
        flags=request.flags,
        ledger=request.ledger,
        usage=request.usage,
    )


def _mini(data: bytes, lineages: Lineages) -> Asked:
    """Read the short form with what the register knows of the installation."""
    install_key = lineages.install_key(peek_mini_request(data).kid)
    request = verify_mini_request(data, install_key)
    bound = lineages.bound_to(install_key)
    named = [one for one in bound if one.license.lid.startswith(request.lid)]
    if not named:
        raise VendorTermsError(
            "expected the lineage of this installation, found "
            f"{request.serial}; ask for the request as a file"
        )
    license_ = named[0].license
    return Asked(
        install_key=install_key,
        digest=request_hash(data),
        lid=license_.lid,
        seq=request.seq,
        fingerprint=license_.enrolled.fingerprint if license_.enrolled else None,
        wall_s=request.wall_s,
        flags=request.flags,
        ledger=request.ledger,
        mini=True,
    )
