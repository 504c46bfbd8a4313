"""Requests as they reach the vendor: file, paste, QR text, in full or mini form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license.armor import Label, unarmor
from offline_license.request import request_hash, verify_request

if TYPE_CHECKING:
    from appliance.vendor.lineages import Lineages
    from offline_license.fingerprint import Fingerprint
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


def read_request(data: bytes, lineages: Lineages) -> Asked:  # noqa: ARG001
    """Verify a request in any form.

    Args:
        data: a file, or the text of one or more QR codes.
        lineages: to find the install key that a mini request only names.

    Raises:
        NotAnObjectError: it is something else, or a part is missing.
        UnknownLineageError: a mini request of an unknown installation.
        LicenseError: it is damaged or not signed by its install key.
    """
    return _full(unarmor(data, Label.REQUEST))


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
