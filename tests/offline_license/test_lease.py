"""Leases and the chain they are traced through (cases 54, 57)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1, sign1
from offline_license.errors import (
    KeysetError,
    LeaseError,
    LeaseVersionError,
    LicenseError,
    SchemaError,
    SignatureError,
)
from offline_license.keys import public_bytes
from offline_license.lease import (
    LEASE_MAJOR,
    Chain,
    Grants,
    Lease,
    LeaseQuestion,
    VerifiedChain,
    agree,
    certify_proxy_key,
    issue_lease,
    verify_chain,
    verify_lease,
)
from offline_license.model import Kind
from offline_license.states import Flag, State
from tests.support.licensing import Issuer, test_key

PROXY = test_key("proxy")
QUESTION = LeaseQuestion("asr-1", bytes(range(16)))


def chain_of(issuer: Issuer, **changes: object) -> Chain:
    """Return the unverified chain of an issuer's site."""
    certificate = certify_proxy_key(issuer.install_key, public_bytes(PROXY), 7)
    return Chain(issuer.keyset_bytes(), issuer.license_bytes(**changes), certificate)


@pytest.fixture
def chain(issuer: Issuer) -> VerifiedChain:
    return verify_chain(chain_of(issuer), issuer.anchor)


@pytest.fixture
def lease(chain: VerifiedChain) -> Lease:
    return Lease(
        id=bytes(8),
        lid=chain.license.license.lid,
        seq=1,
        state=State.VALID,
        flags=frozenset({Flag.BIND_DRIFT, Flag.CLOCK_BEHIND}),
        ttl_s=300,
        hold_s=86_400,
        nonce=QUESTION.nonce,
        grants=Grants(jobs=None, streams=8),
        epoch=7,
        license_digest=chain.license.digest,
        instance=QUESTION.instance,
    )


def test_a_lease_is_traced_from_the_anchor_to_its_last_byte(
    chain: VerifiedChain, lease: Lease
) -> None:
    assert verify_lease(issue_lease(lease, PROXY), chain, QUESTION) == lease


def test_a_refusing_lease_survives_too(chain: VerifiedChain, lease: Lease) -> None:
    refusing = replace(lease, grants=Grants(0, 0, "ANX-LIC-32"))

    assert verify_lease(issue_lease(refusing, PROXY), chain, QUESTION) == refusing


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": bytes(16)},
        {"instance": "asr-2"},
        {"license_digest": bytes(32)},
        {"seq": 2},
        {"lid": bytes(16)},
        {"epoch": 6},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_lease_for_something_else_is_refused(
    chain: VerifiedChain, lease: Lease, change: dict[str, object]
) -> None:
    other = replace(lease, **change)  # type: ignore[arg-type]

    with pytest.raises(LeaseError):
        verify_lease(issue_lease(other, PROXY), chain, QUESTION)


def test_a_lease_by_a_key_that_was_not_certified_is_refused(
    chain: VerifiedChain, lease: Lease
) -> None:
    with pytest.raises(LeaseError, match="certified"):
        verify_lease(issue_lease(lease, test_key("rogue")), chain, QUESTION)


def test_a_forged_lease_is_refused(chain: VerifiedChain, lease: Lease) -> None:
    data = bytearray(issue_lease(lease, PROXY))
    data[-1] ^= 1

    with pytest.raises(SignatureError):
        verify_lease(bytes(data), chain, QUESTION)


def test_a_proxy_without_the_install_key_is_refused(
    issuer: Issuer, stranger: Issuer
) -> None:
    """A fake license container with a copy of every file but the install key."""
    rogue = certify_proxy_key(stranger.install_key, public_bytes(PROXY), 7)

    with pytest.raises(SignatureError, match="certified by install key"):
        verify_chain(replace(chain_of(issuer), proxy_key=rogue), issuer.anchor)


def test_a_forged_certificate_is_refused(issuer: Issuer) -> None:
    chain = chain_of(issuer)
    forged = chain.proxy_key[:-1] + bytes([chain.proxy_key[-1] ^ 1])

    with pytest.raises(SignatureError):
        verify_chain(replace(chain, proxy_key=forged), issuer.anchor)


def test_a_license_of_another_vendor_is_refused(
    issuer: Issuer, stranger: Issuer
) -> None:
    with pytest.raises(LicenseError):
        verify_chain(chain_of(stranger), issuer.anchor)
    mixed = replace(chain_of(stranger), keyset=issuer.keyset_bytes())
    with pytest.raises(LicenseError):
        verify_chain(mixed, issuer.anchor)


def test_an_older_keyset_than_before_is_refused(issuer: Issuer) -> None:
    with pytest.raises(KeysetError):
        verify_chain(
            chain_of(issuer), issuer.anchor, installed=issuer.keyset(version=2)
        )


def test_an_unbound_license_holds_to_the_first_install_key(
    issuer: Issuer, stranger: Issuer
) -> None:
    unbound = chain_of(issuer, kind=Kind.EVALUATION, install_key=None)
    first = verify_chain(unbound, issuer.anchor).proxy.install_key
    rogue = certify_proxy_key(stranger.install_key, public_bytes(PROXY), 7)

    verify_chain(unbound, issuer.anchor, pinned_install_key=first)

    with pytest.raises(SignatureError):
        verify_chain(
            replace(unbound, proxy_key=rogue), issuer.anchor, pinned_install_key=first
        )


def resigned(lease: Lease, **changes: object) -> bytes:
    """Return a genuine lease with fields of its payload replaced, ``k5=...``."""
    signed = open_sign1(issue_lease(lease, PROXY), ObjectType.LEASE)
    value = cbor.decode(signed.payload)
    assert isinstance(value, dict)
    changed = {**value, **{int(name[1:]): new for name, new in changes.items()}}
    return sign1(ObjectType.LEASE, cbor.encode(changed), PROXY)


def test_a_newer_minor_version_is_understood(
    chain: VerifiedChain, lease: Lease
) -> None:
    data = resigned(lease, k1=[1, 9], k101="later", k6=[2, 200])

    assert verify_lease(data, chain, QUESTION).flags == {Flag.CLOCK_JUMP}


@pytest.mark.parametrize(
    ("version", "older"), [([2, 0], "this service"), ([0, 9], "the license container")]
)
def test_another_major_version_says_which_to_update_first(
    chain: VerifiedChain, lease: Lease, version: list[int], older: str
) -> None:
    with pytest.raises(LeaseVersionError, match=f"update {older} first"):
        verify_lease(resigned(lease, k1=version), chain, QUESTION)


@pytest.mark.parametrize(
    ("asked", "older"), [((2, 0), "the license container"), ((0, 3), "the service")]
)
def test_a_question_of_another_major_version_says_which_to_update_first(
    asked: tuple[int, int], older: str
) -> None:
    with pytest.raises(LeaseVersionError, match=f"update {older} first"):
        agree(asked)


@pytest.mark.parametrize(("asked", "answered"), [(0, 0), (1, 1), (2, 1), (99, 1)])
def test_an_answer_is_in_the_askers_minor_version_or_ours(
    asked: int, answered: int
) -> None:
    assert agree((LEASE_MAJOR, asked)) == (LEASE_MAJOR, answered)


def test_a_lease_of_the_minor_version_before_has_none_of_the_new_fields(
    chain: VerifiedChain, lease: Lease
) -> None:
    shared = replace(lease, grants=Grants(1, 8, "ANX-LIC-33", session_s=60, renew_s=20))

    new, old = (
        verify_lease(issue_lease(shared, PROXY, minor=minor), chain, QUESTION)
        for minor in (1, 0)
    )

    assert new == shared
    assert old == replace(lease, grants=Grants(1, 8, "ANX-LIC-33"))


@pytest.mark.parametrize(
    "change",
    [
        {"k1": 1},
        {"k1": [1]},
        {"k1": [1, "x"]},
        {"k2": bytes(7)},
        {"k5": 7},
        {"k6": ["flag"]},
        {"k7": -1},
        {"k10": []},
        {"k10": {1: "all"}},
        {"k10": {9: 1}},
        {"k10": {4: -1}},
        {"k10": {5: "soon"}},
        {"k13": ""},
        {"k14": 0},
    ],
    ids=str,
)
def test_a_genuine_lease_of_another_shape_is_refused(
    chain: VerifiedChain, lease: Lease, change: dict[str, object]
) -> None:
    with pytest.raises(SchemaError):
        verify_lease(resigned(lease, **change), chain, QUESTION)
