"""What stands in clear above the base64 of a text: rendered from the object itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_license.cose import ObjectType
from offline_license.dates import iso, valid_through
from offline_license.keys import key_id, short_id
from offline_license.keyset import peek_keyset
from offline_license.license import peek_license
from offline_license.mini import peek_mini_request
from offline_license.request import peek_request
from offline_license.response import peek_response
from offline_license.revocation import peek_revocations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["READABLE"]


def _license(data: bytes) -> dict[str, str]:
    license_ = peek_license(data)
    return {
        "Licensee": " ".join(license_.name.split()),
        "Valid through": valid_through(license_.exp).isoformat(),
        "Serial": license_.serial,
    }


def _request(data: bytes) -> dict[str, str]:
    request = peek_request(data)
    return {
        "Installation": short_id(key_id(request.install_key)),
        "Made": iso(request.wall_s),
    }


def _mini_request(data: bytes) -> dict[str, str]:
    request = peek_mini_request(data)
    return {
        "Installation": short_id(request.kid),
        "Made": iso(request.wall_s),
        "Serial": request.serial,
    }


def _response(data: bytes) -> dict[str, str]:
    response = peek_response(data)
    lines = _license(response.license)
    if response.keyset is not None:
        lines["Key set"] = str(peek_keyset(response.keyset).version)
    if response.revocations is not None:
        version = peek_revocations(response.revocations).version
        lines["Revocation list"] = str(version)
    if response.ack is not None:
        lines["Usage accepted to"] = f"record {response.ack.index}"
    return lines


def _revocations(data: bytes) -> dict[str, str]:
    found = peek_revocations(data)
    serials = [f"{short_id(one.lid)}/{one.max_seq}" for one in found.entries]
    return {
        "Revocation list": str(found.version),
        "Made": iso(found.iat),
        "Revoked up to": " ".join(serials) or "none",
    }


READABLE: Mapping[ObjectType, Callable[[bytes], dict[str, str]]] = {
    ObjectType.LICENSE: _license,
    ObjectType.REQUEST: _request,
    ObjectType.MINI_REQUEST: _mini_request,
    ObjectType.RESPONSE: _response,
    ObjectType.REVOCATION: _revocations,
}
"""The readable lines of every object that has a text form, unverified."""
