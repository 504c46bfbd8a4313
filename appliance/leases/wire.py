"""What a service and the license container say to each other, as JSON.

Nothing in it is trusted: the lease and everything it is traced through are signed.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from offline_license.errors import DecodeError
from offline_license.lease import LEASE_MAJOR, LEASE_MINOR, Chain
from offline_license.tolerances import TOLERANCES

__all__ = ["NONCE_BYTES", "ROLES", "LeaseAnswer", "LeaseAsk", "refusal_code"]

NONCE_BYTES = 16
ROLES = ("api", "asr")
_CODE = re.compile(r"ANX-LIC-\d{2}")
_MAX_BYTES = 4 * TOLERANCES.object_bytes


@dataclass(frozen=True, slots=True)
class LeaseAsk:
    """The question.

    Attributes:
        instance: stable name of service and replica, so that a restart adopts its
            slot again.
        role: ``api`` or ``asr``.
        nonce: 16 fresh random bytes.
        major, minor: version of leases that the asker understands.
    """

    instance: str
    role: str
    nonce: bytes
    major: int = LEASE_MAJOR
    minor: int = LEASE_MINOR

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "version": [self.major, self.minor],
            "instance": self.instance,
            "role": self.role,
            "nonce": self.nonce.hex(),
        }

    @classmethod
    def from_json(cls, body: bytes) -> LeaseAsk:
        """Read the question strictly.

        Raises:
            DecodeError: it is not of the expected shape.
        """
        match _parse(body):
            case {
                "version": [int() as major, int() as minor],
                "instance": str() as instance,
                "role": str() as role,
                "nonce": str() as nonce,
            } if role in ROLES and _is_name(instance) and _is_nonce(nonce):
                return cls(instance, role, bytes.fromhex(nonce), major, minor)
            case _:
                raise DecodeError("expected version, instance, role and nonce")


@dataclass(frozen=True, slots=True)
class LeaseAnswer:
    """The lease, and the chain it is traced through."""

    lease: bytes
    chain: Chain

    def to_json(self) -> dict[str, str]:
        """Return the JSON object: base64 of each part."""
        return {
            "lease": _text(self.lease),
            "proxy_key": _text(self.chain.proxy_key),
            "license": _text(self.chain.license),
            "keyset": _text(self.chain.keyset),
        }

    @classmethod
    def from_json(cls, body: bytes) -> LeaseAnswer:
        """Read the answer.

        Raises:
            DecodeError: it is not of the expected shape.
        """
        match _parse(body):
            case {
                "lease": str() as lease,
                "proxy_key": str() as proxy_key,
                "license": str() as license_,
                "keyset": str() as keyset,
            }:
                chain = Chain(_octets(keyset), _octets(license_), _octets(proxy_key))
                return cls(_octets(lease), chain)
            case _:
                raise DecodeError("expected lease, proxy_key, license and keyset")


def refusal_code(body: bytes) -> str:
    """Return the code of a refusal; "no license" where the body names none.

    Raises:
        DecodeError: it is no JSON.
    """
    match _parse(body):
        case {"code": str() as code} if _CODE.fullmatch(code):
            return code
        case _:
            return "ANX-LIC-31"


def _parse(body: bytes) -> object:
    if len(body) > _MAX_BYTES:
        raise DecodeError(f"expected at most {_MAX_BYTES} bytes, found {len(body)}")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DecodeError("expected JSON") from error


def _is_name(text: str) -> bool:
    size = len(text.encode(errors="replace"))
    return 0 < size <= TOLERANCES.text_bytes and text.isprintable() and " " not in text


def _is_nonce(text: str) -> bool:
    digits = set("0123456789abcdef")
    return len(text) == 2 * NONCE_BYTES and set(text) <= digits


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DecodeError("expected base64") from error
