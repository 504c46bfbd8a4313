"""Leases: permission to work, signed by a key that the license itself anchors.

Freshness comes from a nonce and from the asking service's own monotonic clock: no
clock is compared between containers, and no wall clock is used. What stands behind
the signing key is `offline_license.chain`.

**Versions.** A lease is written in the asker's minor version, so that a program and
its predecessor understand each other in both directions; a newer minor adds fields
that an older one was never sent. Another major version is refused by either side,
and the words say which of the two to update first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.chain import (
    Chain,
    ProxyKey,
    VerifiedChain,
    certify_proxy_key,
    verify_chain,
)
from offline_license.cose import ObjectType, open_sign1, sign1
from offline_license.errors import LeaseError, LeaseVersionError, SchemaError
from offline_license.fields import Fields, uint
from offline_license.keys import key_id
from offline_license.states import Flag, State
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.keys import Ed25519PrivateKey

__all__ = [
    "LEASE_MAJOR",
    "LEASE_MINOR",
    "Chain",
    "Grants",
    "Lease",
    "LeaseQuestion",
    "ProxyKey",
    "VerifiedChain",
    "agree",
    "certify_proxy_key",
    "issue_lease",
    "verify_chain",
    "verify_lease",
]

LEASE_MAJOR = 1
LEASE_MINOR = 1
_SHARED_SINCE = 1
"""The minor version that brought times and shares into the grants."""
_NONCE_BYTES = 16
_ID_BYTES = 8
_NAMES = {
    1: "version",
    2: "id",
    3: "lid",
    4: "seq",
    5: "state",
    6: "flags",
    7: "ttl",
    8: "hold",
    9: "nonce",
    10: "grants",
    11: "epoch",
    12: "license digest",
    13: "instance",
}
_GRANT_NAMES = {1: "jobs", 2: "streams", 3: "code", 4: "session", 5: "renew"}


@dataclass(frozen=True, slots=True)
class Grants:
    """What a lease permits.

    Attributes:
        jobs: new transcriptions at the same time; None is without limit.
        streams: new live sessions at the same time; None is without limit.
        code: names the refusal where something is refused, else empty.
        session_s: how long a live session may last from now on; None is without end.
            Since version 1.1.
        renew_s: ask again after so many seconds, because a limit is shared with
            others; None is at a third of the life of the lease. Since version 1.1.
    """

    jobs: int | None
    streams: int | None
    code: str = ""
    session_s: int | None = None
    renew_s: int | None = None


@dataclass(frozen=True, slots=True)
class LeaseQuestion:
    """What a service asks for: its stable name and a fresh nonce of 16 bytes."""

    instance: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Lease:
    """One lease; durations are seconds of the asker's monotonic clock."""

    id: bytes
    lid: bytes
    seq: int
    state: State
    flags: frozenset[Flag]
    ttl_s: int
    hold_s: int
    nonce: bytes
    grants: Grants
    epoch: int
    license_digest: bytes
    instance: str


def agree(asked: tuple[int, int]) -> tuple[int, int]:
    """Return the version to answer in: the asker's, or ours where ours is older.

    Args:
        asked: major and minor version that the asker understands.

    Raises:
        LeaseVersionError: of another major version; names which to update first.
    """
    major, minor = asked
    if major > LEASE_MAJOR:
        raise LeaseVersionError(_skew(major, "the license container"))
    if major < LEASE_MAJOR:
        raise LeaseVersionError(_skew(major, "the service"))
    return LEASE_MAJOR, min(minor, LEASE_MINOR)


def issue_lease(
    lease: Lease, proxy_key: Ed25519PrivateKey, *, minor: int = LEASE_MINOR
) -> bytes:
    """Sign a lease with the proxy key, in a minor version the asker understands."""
    payload = {
        1: [LEASE_MAJOR, minor],
        2: lease.id,
        3: lease.lid,
        4: lease.seq,
        5: int(lease.state),
        6: sorted(int(flag) for flag in lease.flags),
        7: lease.ttl_s,
        8: lease.hold_s,
        9: lease.nonce,
        10: _grants_map(lease.grants, minor),
        11: lease.epoch,
        12: lease.license_digest,
        13: lease.instance,
    }
    return sign1(ObjectType.LEASE, cbor.encode(payload), proxy_key)


def _grants_map(grants: Grants, minor: int) -> dict[int, object]:
    fields: dict[int, object] = {
        1: grants.jobs,
        2: grants.streams,
        3: grants.code or None,
    }
    if minor >= _SHARED_SINCE:
        fields |= {4: grants.session_s, 5: grants.renew_s}
    return {key: value for key, value in fields.items() if value is not None}


def verify_lease(data: bytes, chain: VerifiedChain, question: LeaseQuestion) -> Lease:
    """Verify that a lease answers this question under this chain.

    Raises:
        LeaseVersionError: of another major version.
        LeaseError: an old nonce, another instance, license or run of the proxy.
        LicenseError: it is not genuine or damaged.
    """
    signed = open_sign1(data, ObjectType.LEASE)
    if signed.kid != key_id(chain.proxy.proxy_key):
        raise LeaseError("expected a lease by the certified proxy key, found another")
    lease = _decode(signed.verify(chain.proxy.proxy_key))
    expected = {
        "nonce": question.nonce,
        "instance": question.instance,
        "license": chain.license.digest,
        "lineage": (chain.license.license.lid, chain.license.license.seq),
        "epoch": chain.proxy.epoch,
    }
    found = {
        "nonce": lease.nonce,
        "instance": lease.instance,
        "license": lease.license_digest,
        "lineage": (lease.lid, lease.seq),
        "epoch": lease.epoch,
    }
    other = [name for name, value in expected.items() if found[name] != value]
    if other:
        raise LeaseError(f"expected a lease for this service, found another {other[0]}")
    return lease


def _decode(payload: bytes) -> Lease:
    fields = Fields(payload, _NAMES)
    _check_version(fields.raw(1))
    return Lease(
        id=fields.octets(2, _ID_BYTES),
        lid=fields.octets(3, 16),
        seq=fields.uint(4),
        state=State(fields.uint(5, max(State))),
        flags=frozenset(Flag(one) for one in fields.uints(6) if one in set(Flag)),
        ttl_s=fields.uint(7),
        hold_s=fields.uint(8),
        nonce=fields.octets(9, _NONCE_BYTES),
        grants=_grants(fields.raw(10)),
        epoch=fields.uint(11),
        license_digest=fields.octets(12, 32),
        instance=fields.text(13, TOLERANCES.text_bytes),
    )


def _check_version(value: cbor.Value) -> None:
    """Refuse a lease of another major version; any minor one is read."""
    match value:
        case [major, minor]:
            uint(minor, "minor version")
            found = uint(major, "major version")
            if found > LEASE_MAJOR:
                raise LeaseVersionError(_skew(found, "this service"))
            if found < LEASE_MAJOR:
                raise LeaseVersionError(_skew(found, "the license container"))
        case _:
            raise SchemaError("version: expected [major, minor]")


def _skew(found: int, older: str) -> str:
    return (
        f"expected leases of version {LEASE_MAJOR}, found {found}: update {older} first"
    )


def _grants(value: cbor.Value) -> Grants:
    fields = Fields.nested(value, _GRANT_NAMES)
    return Grants(
        jobs=fields.optional(1, fields.uint),
        streams=fields.optional(2, fields.uint),
        code=fields.optional(3, lambda k: fields.text(k, TOLERANCES.text_bytes)) or "",
        session_s=fields.optional(4, fields.uint),
        renew_s=fields.optional(5, fields.uint),
    )
