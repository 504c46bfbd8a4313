"""The revocation list: which licenses end before their dates, announced in time.

It is signed by an issuing key for revocations and travels with every response, medium
and update of the software. Every entry takes effect 14 days after it was announced at
the earliest, so that a site can act; later lists repeat it with its first announcement.
An entry that claims to be older than a list without it is refused. A key that was
withdrawn revokes nothing: whoever stole it could date a list back. A site that imports
nothing cannot be revoked; what is exposed is bounded by the dates of the license.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1, sign1
from offline_license.dates import iso
from offline_license.errors import (
    CompromisedKeyError,
    RevocationError,
    SchemaError,
)
from offline_license.fields import Fields, array, uint
from offline_license.keys import short_id
from offline_license.keyset import KeyStatus, KeyUse
from offline_license.tolerances import TOLERANCES
from offline_license.versions import wrong_step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offline_license.keys import Ed25519PrivateKey
    from offline_license.keyset import IssuingKey, Keyset
    from offline_license.model import License

__all__ = [
    "NOTHING_REVOKED",
    "REASONS",
    "Revocation",
    "Revocations",
    "encode_revocations",
    "newer_revocations",
    "peek_revocations",
    "sign_revocations",
    "verify_revocations",
]

REASONS: Mapping[int, str] = {
    0: "not told",
    1: "the contract ended",
    2: "replaced by another license",
    3: "the install key was lost or copied",
    4: "issued by mistake",
}
"""What the numbers of reasons mean; others may come later."""

_NAMES = {1: "schema", 2: "version", 3: "iat", 4: "entries"}
_LID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Revocation:
    """One entry: every license of a lineage up to a sequence, from a time on.

    Attributes:
        lid: 16 bytes.
        max_seq: the highest sequence that is revoked.
        effective_at: seconds UTC.
        reason: a number of ``REASONS`` or a later one.
        announced_at: ``iat`` of the first list that held it, seconds UTC.
    """

    lid: bytes
    max_seq: int
    effective_at: int
    reason: int
    announced_at: int


@dataclass(frozen=True, slots=True)
class Revocations:
    """A list: strictly increasing version, time of signing, entries."""

    version: int
    iat: int
    entries: tuple[Revocation, ...] = ()

    def revoked_at(self, license_: License) -> int | None:
        """Return from when on a license is revoked, seconds UTC; None is never."""
        times = [
            entry.effective_at
            for entry in self.entries
            if entry.lid == license_.lid and license_.seq <= entry.max_seq
        ]
        return min(times, default=None)

    def revokes(self, license_: License, t: int) -> bool:
        """Tell whether a license is revoked at ``t``, seconds UTC."""
        since = self.revoked_at(license_)
        return since is not None and since <= t


NOTHING_REVOKED: Final = Revocations(version=0, iat=0)
"""The list of a site that has none."""


def sign_revocations(revocations: Revocations, key: Ed25519PrivateKey) -> bytes:
    """Sign a list with an issuing key for revocations."""
    return sign1(ObjectType.REVOCATION, encode_revocations(revocations), key)


def verify_revocations(
    data: bytes, keyset: Keyset, *, installed: Revocations | None = None
) -> Revocations:
    """Verify a list against the key set.

    Args:
        data: the object.
        keyset: in force.
        installed: the list in use; the same version again is accepted only when it is
            the same.

    Raises:
        RevocationError: rollback, fast-forward, or an entry that comes too soon.
        LicenseError: another child names the cause; the list must not be used.
    """
    signed = open_sign1(data, ObjectType.REVOCATION)
    issuing = keyset.key(signed.kid)
    found = _decode(signed.verify(issuing.public))
    _check_key(issuing, found)
    if found != installed:
        _check_notice(found, installed)
        wrong = wrong_step(found.version, installed.version if installed else None)
        if wrong:
            raise RevocationError(f"revocation list: {wrong}")
    return found


def newer_revocations(
    data: bytes, keyset: Keyset, installed: Revocations | None
) -> Revocations | None:
    """Verify a list that is newer than the installed one; None where it is not newer.

    Raises:
        LicenseError: it is newer and must not be used.
    """
    if installed and peek_revocations(data).version <= installed.version:
        return None
    return verify_revocations(data, keyset, installed=installed)


def peek_revocations(data: bytes) -> Revocations:
    """Read a list without verifying anything: for showing and comparing only.

    Raises:
        LicenseError: the bytes are no such list at all.
    """
    return _decode(open_sign1(data, ObjectType.REVOCATION).payload)


def encode_revocations(revocations: Revocations) -> bytes:
    """Return the payload: deterministic CBOR."""
    entries = [
        [one.lid, one.max_seq, one.effective_at, one.reason, one.announced_at]
        for one in revocations.entries
    ]
    return cbor.encode(
        {1: 1, 2: revocations.version, 3: revocations.iat, 4: entries},
    )


def _check_key(issuing: IssuingKey, revocations: Revocations) -> None:
    issuing.check_use(KeyUse.REVOCATION)
    issuing.check_window(revocations.iat)
    if issuing.status is KeyStatus.COMPROMISED:
        raise CompromisedKeyError(
            f"expected a revocation list by a key in use, found {short_id(issuing.kid)}"
        )


def _check_notice(found: Revocations, installed: Revocations | None) -> None:
    """Hold entries to their notice, and new ones to be newer than the list here."""
    known = installed or NOTHING_REVOKED
    for entry in found.entries:
        since = 0 if entry in known.entries else known.iat
        if not since < entry.announced_at <= found.iat:
            raise RevocationError(
                f"lineage {short_id(entry.lid)}: expected an announcement after "
                f"{iso(since)}, up to {iso(found.iat)}, found {iso(entry.announced_at)}"
            )
        earliest = entry.announced_at + TOLERANCES.revocation_notice_s
        if entry.effective_at < earliest:
            raise RevocationError(
                f"lineage {short_id(entry.lid)}: expected a revocation from "
                f"{iso(earliest)} on, found {iso(entry.effective_at)}"
            )


def _decode(payload: bytes) -> Revocations:
    fields = Fields(payload, _NAMES)
    fields.exactly(1, 1)
    return Revocations(
        version=fields.uint(2),
        iat=fields.uint(3),
        entries=tuple(_entry(one) for one in fields.array(4)),
    )


def _entry(value: cbor.Value) -> Revocation:
    match array(value, "entry"):
        case [bytes() as lid, _, _, _, _] as entry if len(lid) == _LID_BYTES:
            return Revocation(lid, *(uint(one, "entry") for one in entry[1:]))
        case _:
            raise SchemaError(
                "entry: expected [16 bytes, max_seq, effective_at, reason, announced]"
            )
