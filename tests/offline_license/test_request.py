"""Requests of appliances (case 16)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from offline_license import cbor
from offline_license.cose import ObjectType, sign1
from offline_license.errors import (
    LicenseError,
    SchemaError,
    SignatureError,
    WeakKeyError,
)
from offline_license.request import (
    encode_request,
    peek_request,
    request_hash,
    sign_request,
    verify_request,
)
from offline_license.states import Flag
from tests.support.licensing import test_key

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


def test_every_field_survives_the_file(issuer: Issuer) -> None:
    request = issuer.request(
        lid=bytes(16),
        seq=3,
        flags=(Flag.CLOCK_BEHIND, Flag.BIND_DRIFT),
        ledger=(7, bytes(16)),
        usage=((1, 3_600), (2, 0)),
    )

    data = sign_request(request, issuer.install_key)

    assert verify_request(data) == request
    assert peek_request(data) == request
    assert len(request_hash(data)) == 16


def test_a_first_request_needs_no_license_and_no_fingerprint(issuer: Issuer) -> None:
    request = issuer.request(fingerprint=None)

    assert verify_request(sign_request(request, issuer.install_key)) == request


def test_a_request_is_signed_with_the_key_it_names(
    issuer: Issuer, stranger: Issuer
) -> None:
    with pytest.raises(ValueError, match="another install key"):
        sign_request(issuer.request(), stranger.install_key)


def payload(issuer: Issuer, **changes: object) -> bytes:
    """Return the signed payload of a request with fields replaced, ``k5=...``."""
    value = cbor.decode(encode_request(issuer.request()))
    assert isinstance(value, dict)
    return cbor.encode({**value, **{int(k[1:]): new for k, new in changes.items()}})


def test_a_request_signed_by_another_key_is_refused(
    issuer: Issuer, stranger: Issuer
) -> None:
    data = sign1(ObjectType.REQUEST, payload(issuer), stranger.install_key)

    with pytest.raises(SignatureError, match="by its install key"):
        verify_request(data)


def test_a_forged_signature_is_refused(issuer: Issuer) -> None:
    data = bytearray(issuer.request_bytes())
    data[-1] ^= 1

    with pytest.raises(SignatureError):
        verify_request(bytes(data))


@pytest.mark.parametrize(
    "encoded",
    [
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ],
)
def test_an_install_key_of_low_order_is_refused(issuer: Issuer, encoded: str) -> None:
    """Anyone could sign for it: cases 0, 1 and 11 of ed25519-speccheck."""
    data = sign1(
        ObjectType.REQUEST,
        payload(issuer, k4=bytes.fromhex(encoded)),
        test_key("anyone"),
    )

    with pytest.raises(WeakKeyError):
        verify_request(data)


@pytest.mark.parametrize(
    "change",
    [
        {"k1": 2},
        {"k2": bytes(15)},
        {"k3": "one"},
        {"k5": [bytes(15), []]},
        {"k5": [bytes(16), 7]},
        {"k6": bytes(8)},
        {"k7": [1, 2]},
        {"k7": [1, 2, [True]]},
        {"k7": ["now", 2, []]},
        {"k8": [1, bytes(15)]},
        {"k9": [[1]]},
        {"k9": [7]},
        {"k9": [[256, 1]]},
        {"k10": ""},
        {"k99": 0},
    ],
    ids=str,
)
def test_a_field_of_another_shape_is_refused(
    issuer: Issuer, change: dict[str, object]
) -> None:
    data = sign1(ObjectType.REQUEST, payload(issuer, **change), issuer.install_key)

    with pytest.raises(SchemaError):
        verify_request(data)


def test_flags_of_a_later_version_are_ignored(issuer: Issuer) -> None:
    data = sign1(
        ObjectType.REQUEST, payload(issuer, k7=[1, 2, [0, 200]]), issuer.install_key
    )

    assert verify_request(data).flags == ()


def test_a_license_is_no_request(issuer: Issuer) -> None:
    with pytest.raises(LicenseError):
        peek_request(issuer.license_bytes())


def test_two_requests_differ_by_their_nonce(issuer: Issuer) -> None:
    other = sign_request(replace(issuer.request(), nonce=b"n" * 16), issuer.install_key)

    assert request_hash(other) != request_hash(issuer.request_bytes())
