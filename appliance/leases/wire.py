"""What a service and the license container say to each other, as JSON.

Nothing in it is trusted: the lease and everything it is traced through are signed.
What is not signed, the refusal of an unlicensed site, can only deny, or offer what any
unlicensed appliance may do anyway.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from appliance.leases.demand import MOST, Demand, Demands
from offline_license.demo import DEMO_STREAMS
from offline_license.errors import DecodeError
from offline_license.lease import LEASE_MAJOR, LEASE_MINOR, Chain
from offline_license.tolerances import TOLERANCES

__all__ = [
    "NONCE_BYTES",
    "ROLES",
    "DemoOffer",
    "LeaseAnswer",
    "LeaseAsk",
    "demo_offer",
    "refusal_code",
]

NONCE_BYTES: Final = 16
ROLES: Final = ("api", "asr")
_ID_BYTES: Final = 8
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
        demands: what it uses and wants; None from an asker of version 1.0.
        held: id of the lease, or of the offer, that it acts by; None without one.
        build: version of the asking software, for people.
    """

    instance: str
    role: str
    nonce: bytes
    major: int = LEASE_MAJOR
    minor: int = LEASE_MINOR
    demands: Demands | None = None
    held: bytes | None = None
    build: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        asked: dict[str, Any] = {
            "version": [self.major, self.minor],
            "instance": self.instance,
            "role": self.role,
            "nonce": self.nonce.hex(),
        }
        if self.demands is not None:
            streams, jobs = self.demands.streams, self.demands.jobs
            asked |= {
                "streams": [streams.used, streams.want],
                "jobs": [jobs.used, jobs.want],
                "held": self.held.hex() if self.held else None,
                "build": self.build,
            }
        return asked

    @classmethod
    def from_json(cls, body: bytes) -> LeaseAsk:
        """Read the question strictly; what version 1.0 does not say may be missing.

        Raises:
            DecodeError: it is not of the expected shape.
        """
        match _parse(body):
            case {
                "version": [int() as major, int() as minor],
                "instance": str() as instance,
                "role": str() as role,
                "nonce": str() as nonce,
                **more,
            } if role in ROLES and _is_name(instance) and _is_hex(nonce, NONCE_BYTES):
                return cls(
                    instance,
                    role,
                    bytes.fromhex(nonce),
                    major,
                    minor,
                    _demands(more),
                    _held(more.get("held")),
                    _build(more.get("build", "")),
                )
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


@dataclass(frozen=True, slots=True)
class DemoOffer:
    """What a site without a license may do: live for a while, to see that it works.

    Attributes:
        id: names the offer, as a lease is named.
        streams: live sessions at the same time.
        session_s: live time that is left of this day.
    """

    id: bytes
    streams: int
    session_s: int

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "id": self.id.hex(),
            "streams": self.streams,
            "session_s": self.session_s,
        }


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


def demo_offer(body: bytes) -> DemoOffer | None:
    """Return what a refusal offers, bounded by what every such site may do.

    Raises:
        DecodeError: it is no JSON.
    """
    match _parse(body):
        case {
            "demo": {
                "id": str() as name,
                "streams": int() as streams,
                "session_s": int() as session_s,
            }
        } if _is_hex(name, _ID_BYTES) and streams >= 0 and session_s >= 0:
            most = min(streams, DEMO_STREAMS), min(session_s, TOLERANCES.demo_s)
            return DemoOffer(bytes.fromhex(name), *most)
        case _:
            return None


def _parse(body: bytes) -> object:
    if len(body) > _MAX_BYTES:
        raise DecodeError(f"expected at most {_MAX_BYTES} bytes, found {len(body)}")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DecodeError("expected JSON") from error


def _demands(more: dict[Any, object]) -> Demands | None:
    if "streams" not in more and "jobs" not in more:
        return None
    return Demands(_demand(more.get("streams")), _demand(more.get("jobs")))


def _demand(value: object) -> Demand:
    match value:
        case [used, want] if type(used) is int and type(want) is int:
            if 0 <= used <= want <= MOST:
                return Demand(used, want)
    raise DecodeError(f"expected [used, wanted], each from 0 to {MOST}")


def _held(value: object) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, str) and _is_hex(value, _ID_BYTES):
        return bytes.fromhex(value)
    raise DecodeError(f"expected the lease held as {2 * _ID_BYTES} hex digits")


def _build(value: object) -> str:
    if isinstance(value, str) and (not value or _is_name(value)):
        return value
    raise DecodeError("expected the build as a short word")


def _is_name(text: str) -> bool:
    size = len(text.encode(errors="replace"))
    return 0 < size <= TOLERANCES.text_bytes and text.isprintable() and " " not in text


def _is_hex(text: str, size: int) -> bool:
    return len(text) == 2 * size and set(text) <= set("0123456789abcdef")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DecodeError("expected base64") from error
