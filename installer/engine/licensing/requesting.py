"""The request of this host: what it is, what it has, and how much was used.

One request is both the wish for a license and the cover of the usage report. What
only the license container knows is absent while it does not answer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from installer.engine.licensing.service import proved_s
from installer.protocol import LicenseRequestBody
from offline_license.armor import Label, armor
from offline_license.frames import CONSOLE_CHARS, split, whole
from offline_license.keys import key_id, public_bytes, short_id
from offline_license.mini import mini_request
from offline_license.request import NONCE_BYTES, Request, sign_request
from offline_license.states import Flag
from offline_license.usage import Totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from offline_license.fingerprint import Fingerprint
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.model import License

__all__ = ["Asker", "make_request"]

_HEAD_BYTES = 16
_FRAME_CHARS = (CONSOLE_CHARS, 279, 395, 535)
"""What codes of version 6, 8, 10 and 12 hold at level L."""

_Status: TypeAlias = "Mapping[str, JsonValue]"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks.

    Attributes:
        license_: the license in use.
        status: of the license container; None when it does not answer.
        wall_s: the wall clock, seconds UTC.
        build: version of the software.
    """

    license_: License | None
    status: _Status | None
    wall_s: int
    build: str

    @property
    def proved_s(self) -> int:
        """The proved time, else the best that is known without the container."""
        least = self.license_.iat if self.license_ else 0
        return proved_s(self.status) or max(self.wall_s, least)


def make_request(
    key: Ed25519PrivateKey, seen: Fingerprint, asker: Asker
) -> LicenseRequestBody:
    """Sign a request with the install key and write it in every form."""
    license_, status = asker.license_, asker.status
    request = Request(
        install_key=public_bytes(key),
        nonce=os.urandom(NONCE_BYTES),
        wall_s=asker.wall_s,
        proved_s=asker.proved_s,
        build=asker.build,
        lid=license_.lid if license_ else None,
        seq=license_.seq if license_ else 0,
        fingerprint=seen,
        flags=_flags(status),
        ledger=_ledger(status),
        usage=_usage(status),
    )
    data = sign_request(request, key)
    mini = mini_request(request, key) if license_ is not None else None
    name = short_id(key_id(request.install_key))
    return LicenseRequestBody(
        armored=armor(data, Label.REQUEST),
        filename=f"anechoic-{name}.areq",
        installation=name,
        serial=license_.serial if license_ else None,
        whole=whole(data),
        frames=_frames(data),
        mini=(whole(mini),) if mini is not None else (),
        mini_armored=armor(mini, Label.REQUEST) if mini is not None else "",
    )


def _frames(data: bytes) -> tuple[str, ...]:
    """Return the frames of the smallest codes that carry the object in three."""
    for most in _FRAME_CHARS:
        try:
            return split(data, most)
        except ValueError:
            continue
    return ()


def _flags(status: _Status | None) -> tuple[Flag, ...]:
    """Return the raised flags; one that this version does not know is left out."""
    found = (status or {}).get("flags")
    raised = set(found) if isinstance(found, list) else set()
    return tuple(flag for flag in Flag if flag.name in raised)


def _ledger(status: _Status | None) -> tuple[int, bytes] | None:
    """Return the head of the usage ledger; None without a readable one."""
    match (status or {}).get("ledger"):
        case {"index": int() as index, "head": str() as head} if index >= 0:
            try:
                digest = bytes.fromhex(head)[:_HEAD_BYTES]
            except ValueError:
                return None
            return (index, digest) if len(digest) == _HEAD_BYTES else None
        case _:
            return None


def _usage(status: _Status | None) -> tuple[tuple[int, int], ...]:
    """Return the counters since the last report that the vendor accepted."""
    ledger = (status or {}).get("ledger")
    found = ledger.get("since_ack") if isinstance(ledger, dict) else None
    if not isinstance(found, dict):
        return ()
    values = [found.get(name, 0) for name in Totals.__slots__]
    numbers = [one for one in values if type(one) is int and one >= 0]
    return Totals(*numbers).counters() if len(numbers) == len(values) else ()
