"""Responses: everything inside is verified before anything is used (case 37)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offline_license import cbor
from offline_license.cose import ObjectType, sign1
from offline_license.errors import (
    IssuerError,
    KeysetError,
    KeyUseError,
    LicenseError,
    NotForThisInstallError,
    SchemaError,
    SignatureError,
    UnknownKeyError,
)
from offline_license.keyset import KeyUse
from offline_license.license import check_install_key
from offline_license.model import Kind, LedgerAck
from offline_license.response import (
    encode_response,
    peek_response,
    sign_response,
    verify_response,
)
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT, Issuer

if TYPE_CHECKING:
    from offline_license.keys import Ed25519PrivateKey


@pytest.fixture
def key(issuer: Issuer) -> Ed25519PrivateKey:
    return issuer.issuing_key(KeyUse.LICENSE_PRODUCTION)


def test_a_response_brings_everything_at_once(issuer: Issuer) -> None:
    found = verify_response(issuer.response_bytes(), issuer.anchor)

    assert found.license == issuer.license()
    assert found.keyset == issuer.keyset()
    assert found.revocations == issuer.revocations(entries=())
    assert found.newer_keyset == issuer.keyset_bytes()
    assert found.newer_revocations == issuer.revocations_bytes(entries=())
    assert found.ack == LedgerAck(7, bytes(range(16)))


def test_a_response_may_hold_nothing_but_a_license(issuer: Issuer) -> None:
    ack = LedgerAck(3, bytes(16))
    data = issuer.response_bytes(
        license=issuer.license_bytes(ack=ack), keyset=None, revocations=None, ack=None
    )

    found = verify_response(data, issuer.anchor, keyset=issuer.keyset())

    assert found.revocations is None
    assert (found.newer_keyset, found.newer_revocations) == (None, None)
    assert found.ack == ack


def test_what_is_not_newer_than_the_site_is_left_aside(issuer: Issuer) -> None:
    keyset, revocations = issuer.keyset(version=5), issuer.revocations(version=5)

    found = verify_response(
        issuer.response_bytes(),
        issuer.anchor,
        keyset=keyset,
        revocations=revocations,
    )

    assert (found.keyset, found.revocations) == (keyset, revocations)
    assert (found.newer_keyset, found.newer_revocations) == (None, None)


def test_the_issuing_key_may_come_with_the_response(issuer: Issuer) -> None:
    """After a rotation the site does not know the new key yet."""
    old = Issuer(uses=(KeyUse.REVOCATION,)).keyset()
    data = issuer.response_bytes(keyset=issuer.keyset_bytes(version=2))

    assert verify_response(data, issuer.anchor, keyset=old).keyset.version == 2
    with pytest.raises(UnknownKeyError):
        verify_response(issuer.response_bytes(keyset=None), issuer.anchor, keyset=old)


def test_without_any_key_set_nothing_is_believed(issuer: Issuer) -> None:
    with pytest.raises(KeysetError):
        verify_response(issuer.response_bytes(keyset=None), issuer.anchor)


def test_the_key_set_inside_is_judged_by_the_roots(
    issuer: Issuer, stranger: Issuer
) -> None:
    data = issuer.response_bytes(keyset=stranger.keyset_bytes(version=2))

    with pytest.raises(KeysetError):
        verify_response(data, issuer.anchor, keyset=issuer.keyset())


@pytest.mark.parametrize("part", ["license", "revocations"])
def test_one_false_part_refuses_the_whole(
    issuer: Issuer, stranger: Issuer, part: str
) -> None:
    data = issuer.response_bytes(**{part: getattr(stranger, f"{part}_bytes")()})

    with pytest.raises(UnknownKeyError):
        verify_response(data, issuer.anchor)


def test_a_key_for_evaluations_cannot_answer_with_production(issuer: Issuer) -> None:
    trial = issuer.issuing_key(KeyUse.LICENSE_EVALUATION)
    data = sign_response(issuer.response(), trial)

    with pytest.raises(KeyUseError):
        verify_response(data, issuer.anchor)


def test_an_evaluation_is_answered_by_its_own_key(issuer: Issuer) -> None:
    license_ = issuer.license_bytes(kind=Kind.EVALUATION, install_key=None)
    trial = issuer.issuing_key(KeyUse.LICENSE_EVALUATION)
    data = sign_response(issuer.response(license=license_), trial)

    assert verify_response(data, issuer.anchor).license.license.kind is Kind.EVALUATION


def test_a_response_outside_the_window_of_its_key_is_refused(issuer: Issuer) -> None:
    with pytest.raises(IssuerError):
        verify_response(issuer.response_bytes(iat=IAT + 401 * DAY_S), issuer.anchor)


def test_a_changed_response_is_refused(issuer: Issuer) -> None:
    data = issuer.response_bytes()

    with pytest.raises(SignatureError):
        verify_response(data[:-1] + bytes([data[-1] ^ 1]), issuer.anchor)


def test_a_response_for_another_installation_shows_both(
    issuer: Issuer, stranger: Issuer
) -> None:
    found = verify_response(issuer.response_bytes(), issuer.anchor)

    with pytest.raises(NotForThisInstallError, match=r"expected .* 9B27-7AF8"):
        check_install_key(found.license.license, stranger.install_public)


@pytest.mark.parametrize(
    "change",
    [
        {1: 2},
        {2: "today"},
        {3: "text"},
        {3: b""},
        {4: b""},
        {5: 7},
        {6: [1]},
        {6: [1, bytes(15)]},
        {7: 0},
    ],
)
def test_a_genuine_response_of_another_shape_is_refused(
    issuer: Issuer, key: Ed25519PrivateKey, change: dict[int, object]
) -> None:
    value = cbor.decode(encode_response(issuer.response()))
    assert isinstance(value, dict)
    payload = cbor.encode({**value, **change})

    with pytest.raises(SchemaError):
        verify_response(sign1(ObjectType.RESPONSE, payload, key), issuer.anchor)


def test_a_flipped_bit_in_any_byte_is_refused(issuer: Issuer) -> None:
    data = issuer.response_bytes(keyset=None, revocations=None)
    for at in range(len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(LicenseError):
            verify_response(bytes(flipped), issuer.anchor, keyset=issuer.keyset())


def test_a_response_can_be_shown_without_keys(issuer: Issuer) -> None:
    assert peek_response(issuer.response_bytes()) == issuer.response()
