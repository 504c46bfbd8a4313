"""Leases: permission to work, traced by the asking service itself to the root keys.

    anchor ── signs ──> key set ── names ──> issuing key ── signs ──> license
    license ── names ──> install key ── signs ──> proxy key ── signs ──> lease

A program that answers in place of the license container cannot make a lease without
the install key. Freshness comes from a nonce and from the asking service's own
monotonic clock: no clock is compared between containers, and no wall clock is used.

An unbound license names no install key; then the first install key that certified a
lease to a service is held to as long as that service runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1, sign1
from offline_license.errors import (
    LeaseError,
    LeaseVersionError,
    SchemaError,
    SignatureError,
)
from offline_license.fields import Fields, uint
from offline_license.keys import (
    KEY_BYTES,
    check_public_key,
    key_id,
    public_bytes,
    short_id,
)
from offline_license.keyset import verify_keyset
from offline_license.license import VerifiedLicense, verify_license
from offline_license.states import Flag, State
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.anchor import LicenseAnchor
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.keyset import Keyset

__all__ = [
    "LEASE_MAJOR",
    "LEASE_MINOR",
    "Chain",
    "Grants",
    "Lease",
    "LeaseQuestion",
    "ProxyKey",
    "VerifiedChain",
    "certify_proxy_key",
    "issue_lease",
    "verify_chain",
    "verify_lease",
]

LEASE_MAJOR = 1
LEASE_MINOR = 0
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
_GRANT_NAMES = {1: "jobs", 2: "streams", 3: "code"}
_PROXY_NAMES = {1: "schema", 2: "install key", 3: "proxy key", 4: "epoch"}


@dataclass(frozen=True, slots=True)
class Grants:
    """What a lease permits.

    Attributes:
        jobs: new transcriptions at the same time; None is without limit.
        streams: new live sessions at the same time; None is without limit.
        code: names the refusal where something is refused, else empty.
    """

    jobs: int | None
    streams: int | None
    code: str = ""


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


@dataclass(frozen=True, slots=True)
class ProxyKey:
    """The key of one run of the license container, certified by the install key."""

    install_key: bytes
    proxy_key: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything between the anchor and a lease, as bytes that may come from anyone."""

    keyset: bytes
    license: bytes
    proxy_key: bytes


@dataclass(frozen=True, slots=True)
class VerifiedChain:
    """A chain that was traced to the anchor; leases are verified against it."""

    keyset: Keyset
    license: VerifiedLicense
    proxy: ProxyKey


def certify_proxy_key(
    install_key: Ed25519PrivateKey, proxy_key: bytes, epoch: int
) -> bytes:
    """Let the install key certify the public key of one run of the proxy."""
    payload = {1: 1, 2: public_bytes(install_key), 3: proxy_key, 4: epoch}
    return sign1(ObjectType.PROXY_KEY, cbor.encode(payload), install_key)


def issue_lease(lease: Lease, proxy_key: Ed25519PrivateKey) -> bytes:
    """Sign a lease with the proxy key."""
    grants = {
        1: lease.grants.jobs,
        2: lease.grants.streams,
        3: lease.grants.code or None,
    }
    payload = {
        1: [LEASE_MAJOR, LEASE_MINOR],
        2: lease.id,
        3: lease.lid,
        4: lease.seq,
        5: int(lease.state),
        6: sorted(int(flag) for flag in lease.flags),
        7: lease.ttl_s,
        8: lease.hold_s,
        9: lease.nonce,
        10: {key: value for key, value in grants.items() if value is not None},
        11: lease.epoch,
        12: lease.license_digest,
        13: lease.instance,
    }
    return sign1(ObjectType.LEASE, cbor.encode(payload), proxy_key)


def verify_chain(
    chain: Chain,
    anchor: LicenseAnchor,
    *,
    pinned_install_key: bytes | None = None,
    installed: Keyset | None = None,
) -> VerifiedChain:
    """Trace key set, license and proxy key to the anchor.

    Args:
        chain: as received.
        anchor: the root keys that this service was built with.
        pinned_install_key: for an unbound license, the install key seen first.
        installed: the key set seen before; an older one is refused.

    Raises:
        LicenseError: a child names the cause.
    """
    keyset = verify_keyset(chain.keyset, anchor, installed=installed)
    verified = verify_license(chain.license, keyset)
    proxy = _verify_proxy_key(chain.proxy_key)
    bound = verified.license.install_key or pinned_install_key or proxy.install_key
    if proxy.install_key != bound:
        raise SignatureError(
            f"expected a proxy key certified by install key "
            f"{short_id(key_id(bound))}, found {short_id(key_id(proxy.install_key))}"
        )
    return VerifiedChain(keyset, verified, proxy)


def _verify_proxy_key(data: bytes) -> ProxyKey:
    """Verify the certificate with the install key inside it."""
    signed = open_sign1(data, ObjectType.PROXY_KEY)
    fields = Fields(signed.payload, _PROXY_NAMES)
    fields.exactly(1, 1)
    install_key = check_public_key(fields.octets(2, KEY_BYTES))
    signed.verify(install_key)
    return ProxyKey(
        install_key, check_public_key(fields.octets(3, KEY_BYTES)), fields.uint(4)
    )


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
    match value:
        case [major, minor]:
            uint(minor, "minor version")
            if uint(major, "major version") != LEASE_MAJOR:
                raise LeaseVersionError(
                    f"expected lease version {LEASE_MAJOR}, found {major!r}: update "
                    "the license container first, then this service"
                )
        case _:
            raise SchemaError("version: expected [major, minor]")


def _grants(value: cbor.Value) -> Grants:
    fields = Fields.nested(value, _GRANT_NAMES)
    return Grants(
        jobs=fields.optional(1, fields.uint),
        streams=fields.optional(2, fields.uint),
        code=fields.optional(3, lambda k: fields.text(k, TOLERANCES.text_bytes)) or "",
    )
