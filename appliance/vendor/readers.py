"""How each type of licensing object is read without trust, and how it is verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from appliance.vendor.plain import plain
from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1
from offline_license.keyset import peek_keyset, verify_keyset
from offline_license.license import peek_license, verify_license
from offline_license.mini import peek_mini_request, verify_mini_request
from offline_license.request import peek_request, verify_request
from offline_license.response import peek_response, verify_response
from offline_license.revocation import peek_revocations, verify_revocations

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.vendor.lineages import Lineages
    from offline_license.anchor import LicenseAnchor
    from offline_license.keyset import Keyset

__all__ = ["READERS", "Known", "Reader"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the vendor can verify with; each may be missing."""

    anchor: LicenseAnchor | None = None
    keyset: Keyset | None = None
    lineages: Lineages | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """How to read an object, and how to verify it.

    Attributes:
        read: returns the fields, unverified.
        verify: returns False where what is known does not suffice; raises LicenseError
            or ApplianceError where the object is refused.
    """

    read: Callable[[bytes], dict[str, Any]]
    verify: Callable[[bytes, Known], bool]


def _verify_license(data: bytes, known: Known) -> bool:
    return known.keyset is not None and bool(verify_license(data, known.keyset))


def _verify_request(data: bytes, _known: Known) -> bool:
    return bool(verify_request(data))


def _verify_mini(data: bytes, known: Known) -> bool:
    if known.lineages is None:
        return False
    public = known.lineages.install_key(peek_mini_request(data).kid)
    return bool(verify_mini_request(data, public))


def _verify_response(data: bytes, known: Known) -> bool:
    if known.anchor is None:
        return False
    return bool(verify_response(data, known.anchor, keyset=known.keyset))


def _verify_keyset(data: bytes, known: Known) -> bool:
    return known.anchor is not None and bool(verify_keyset(data, known.anchor))


def _verify_revocations(data: bytes, known: Known) -> bool:
    return known.keyset is not None and bool(verify_revocations(data, known.keyset))


def _never(_data: bytes, _known: Known) -> bool:
    """Leases are verified by services, with the license and a question."""
    return False


def _license_fields(data: bytes) -> dict[str, Any]:
    license_ = peek_license(data)
    return {"serial": license_.serial, **plain(license_)}


def _response_fields(data: bytes) -> dict[str, Any]:
    response = peek_response(data)
    shown: dict[str, Any] = {"iat": plain(response.iat, "iat")}
    shown["license"] = _license_fields(response.license)
    if response.keyset is not None:
        shown["keyset"] = plain(peek_keyset(response.keyset))
    if response.revocations is not None:
        shown["revocations"] = plain(peek_revocations(response.revocations))
    if response.ack is not None:
        shown["ack"] = plain(response.ack)
    return shown


def _raw_fields(type_: ObjectType) -> Callable[[bytes], dict[str, Any]]:
    def read(data: bytes) -> dict[str, Any]:
        return {"content": plain(cbor.decode(open_sign1(data, type_).payload))}

    return read


READERS: Final[dict[ObjectType, Reader]] = {
    ObjectType.LICENSE: Reader(_license_fields, _verify_license),
    ObjectType.REQUEST: Reader(lambda d: plain(peek_request(d)), _verify_request),
    ObjectType.MINI_REQUEST: Reader(
        lambda d: plain(peek_mini_request(d)), _verify_mini
    ),
    ObjectType.RESPONSE: Reader(_response_fields, _verify_response),
    ObjectType.KEYSET: Reader(lambda d: plain(peek_keyset(d)), _verify_keyset),
    ObjectType.REVOCATION: Reader(
        lambda d: plain(peek_revocations(d)), _verify_revocations
    ),
    ObjectType.LEASE: Reader(_raw_fields(ObjectType.LEASE), _never),
    ObjectType.PROXY_KEY: Reader(_raw_fields(ObjectType.PROXY_KEY), _never),
}
