"""The license object (cases 1, 4, 5, 14, 31, 37, 43)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from offline_license import cbor
from offline_license.cose import ObjectType, sign1
from offline_license.errors import (
    CompromisedKeyError,
    IssuerError,
    KeysetError,
    KeyUseError,
    LicenseError,
    NotForThisInstallError,
    SchemaError,
    UnknownKeyError,
    WeakKeyError,
)
from offline_license.fingerprint import Enrolled
from offline_license.keyset import KeyStatus, KeyUse
from offline_license.license import (
    check_install_key,
    decode_license,
    encode_license,
    peek_license,
    sign_license,
    use_for,
    verify_license,
)
from offline_license.model import (
    Capacity,
    ExtensionAnchor,
    Kind,
    LedgerAck,
    License,
    Post,
    ReportCadence,
    ReportMode,
)
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from offline_license.keyset import Keyset
    from tests.support.licensing import Issuer


def full(issuer: Issuer) -> License:
    """Return terms with every field set."""
    return issuer.terms(
        capacity=Capacity(8, 2, 1_000, 1, 25),
        enrolled=Enrolled(issuer.host()),
        request=bytes(16),
        report=ReportCadence(90, ReportMode.ADVISORY),
        ack=LedgerAck(12, bytes(16)),
        extension=ExtensionAnchor(4, 14, bytes(13)),
        max_build_date=EXP,
        keyset_version=1,
        warn_days=(30, 7, 1),
        post=Post.ADVISORY,
        superseded=(bytes(16),),
        parent=bytes(16),
    )


def test_every_field_survives_the_file(issuer: Issuer) -> None:
    terms = full(issuer)

    verified = verify_license(
        sign_license(terms, issuer.issuing_key(KeyUse.LICENSE_PRODUCTION)),
        issuer.keyset(),
    )

    assert verified.license == terms
    assert peek_license(verified.data) == terms


def test_every_flipped_bit_of_a_license_is_refused(issuer: Issuer) -> None:
    data, keyset = issuer.license_bytes(), issuer.keyset()

    for at, bit in itertools.product(range(len(data)), range(8)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << bit
        with pytest.raises(LicenseError):
            verify_license(bytes(flipped), keyset)


def test_a_key_for_evaluations_cannot_sign_production(issuer: Issuer) -> None:
    key = issuer.issuing_key(KeyUse.LICENSE_EVALUATION)

    with pytest.raises(KeyUseError):
        verify_license(sign_license(issuer.terms(), key), issuer.keyset())


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_signed_by_the_key_for_it(issuer: Issuer, kind: Kind) -> None:
    verified = issuer.license(kind=kind)

    assert verified.license.kind is kind
    assert issuer.keyset().key(verified.kid).use is use_for(kind)


def test_a_license_by_an_unknown_key_is_refused(
    issuer: Issuer, stranger: Issuer
) -> None:
    with pytest.raises(UnknownKeyError, match="update keyset"):
        verify_license(stranger.license_bytes(), issuer.keyset())


@pytest.mark.parametrize("iat", [IAT - 31 * DAY_S, IAT + 400 * DAY_S])
def test_iat_outside_the_window_of_the_key_is_refused(issuer: Issuer, iat: int) -> None:
    data = issuer.license_bytes(iat=iat, exp=iat + DAY_S, nbf=iat, term=iat + DAY_S)

    with pytest.raises(IssuerError):
        verify_license(data, issuer.keyset())


def test_more_than_five_years_are_refused(issuer: Issuer) -> None:
    exp = IAT + 5 * 366 * DAY_S + 1

    with pytest.raises(IssuerError, match="5 years"):
        issuer.license(exp=exp, term=exp)


def test_a_license_may_ask_for_a_newer_keyset(issuer: Issuer) -> None:
    with pytest.raises(KeysetError, match="update keyset"):
        issuer.license(keyset_version=2)


def withdrawn(issuer: Issuer, cutoff: int, **changes: int) -> Keyset:
    """Return a key set in which every key is compromised since ``cutoff``."""
    keys = tuple(
        replace(key, status=KeyStatus.COMPROMISED, cutoff=cutoff, withdrawn=IAT + 100)
        for key in issuer.manifest().keys
    )
    return issuer.keyset(keys=keys, **changes)


def test_what_a_compromised_key_signed_after_the_cutoff_is_refused(
    issuer: Issuer,
) -> None:
    with pytest.raises(CompromisedKeyError):
        verify_license(issuer.license_bytes(), withdrawn(issuer, IAT - 1))


def test_what_a_compromised_key_signed_before_has_thirty_days(
    issuer: Issuer,
) -> None:
    verified = verify_license(issuer.license_bytes(), withdrawn(issuer, IAT))

    assert verified.dies_at == IAT + 100 + 30 * DAY_S


def test_a_later_key_set_does_not_give_thirty_days_again(issuer: Issuer) -> None:
    later = withdrawn(issuer, IAT, version=2, iat=IAT + 300 * DAY_S)

    verified = verify_license(issuer.license_bytes(), later)

    assert verified.dies_at == IAT + 100 + 30 * DAY_S


def test_a_license_for_another_installation_names_both(
    issuer: Issuer, stranger: Issuer
) -> None:
    license_ = issuer.terms()

    check_install_key(license_, issuer.install_public)
    check_install_key(issuer.terms(install_key=None), None)
    with pytest.raises(NotForThisInstallError, match="9B27-7AF8"):
        check_install_key(license_, stranger.install_public)
    with pytest.raises(NotForThisInstallError, match="none"):
        check_install_key(license_, None)


def payload(issuer: Issuer, **changes: object) -> bytes:
    """Return the payload of a full license with fields replaced, ``k5=...``."""
    value = cbor.decode(encode_license(full(issuer)))
    assert isinstance(value, dict)
    changed = {**value, **{int(key[1:]): new for key, new in changes.items()}}
    return cbor.encode({key: new for key, new in changed.items() if new is not None})


@pytest.mark.parametrize(
    "change",
    [
        {"k1": 2},
        {"k1": True},
        {"k2": bytes(15)},
        {"k3": -1},
        {"k3": 2**53},
        {"k3": False},
        {"k4": "customer"},
        {"k5": ""},
        {"k5": "x" * 49},
        {"k5": "two\nlines"},
        {"k5": " blanks "},
        {"k5": b"bytes"},
        {"k6": 5},
        {"k7": EXP + 1},
        {"k8": EXP},
        {"k10": EXP - 1},
        {"k11": 7},
        {"k11": [-1]},
        {"k12": []},
        {"k12": {6: 1}},
        {"k12": {1: True}},
        {"k13": None},
        {"k13": bytes(31)},
        {"k14": [50, []]},
        {"k14": [101, [], bytes(16)]},
        {"k14": [50, [[1]], bytes(16)]},
        {"k14": [50, [[1, bytes(7)]], bytes(16)]},
        {"k14": [50, [[1, *[bytes(8)] * 33]], bytes(16)]},
        {"k14": [50, [["x", bytes(8)]], bytes(16)]},
        {"k14": [50, [[True, bytes(8)]], bytes(16)]},
        {"k14": [50, [[1, "text"]], bytes(16)]},
        {"k14": [50, 7, bytes(16)]},
        {"k15": bytes(17)},
        {"k16": [1]},
        {"k16": [1, 3]},
        {"k17": [1, bytes(15)]},
        {"k18": [1, 14, bytes(16)]},
        {"k18": [256, 14, bytes(13)]},
        {"k19": "tomorrow"},
        {"k21": [36_501]},
        {"k22": 3},
        {"k23": [bytes(15)]},
        {"k24": bytes(15)},
        {"k25": 1},
        {"k100": 1},
        {"k2": None},
    ],
    ids=str,
)
def test_a_field_of_another_shape_is_refused(
    issuer: Issuer, change: dict[str, object]
) -> None:
    with pytest.raises(SchemaError):
        decode_license(payload(issuer, **change))


def test_a_payload_that_is_no_map_is_refused() -> None:
    with pytest.raises(SchemaError, match="map"):
        decode_license(cbor.encode([1]))


def test_a_weak_install_key_in_a_license_is_refused(issuer: Issuer) -> None:
    with pytest.raises(WeakKeyError):
        decode_license(payload(issuer, k13=bytes(32)))


def test_unknown_keys_above_a_hundred_are_ignored(issuer: Issuer) -> None:
    key = issuer.issuing_key(KeyUse.LICENSE_PRODUCTION)
    data = sign1(ObjectType.LICENSE, payload(issuer, k101="later"), key)

    assert verify_license(data, issuer.keyset()).license == full(issuer)


def test_fingerprint_groups_of_later_versions_are_ignored(issuer: Issuer) -> None:
    groups = [[4, bytes(8)], [99, bytes(8)]]

    license_ = decode_license(payload(issuer, k14=[50, groups, bytes(16)]))

    assert license_.enrolled is not None
    assert [int(group) for group in license_.enrolled.fingerprint.groups] == [4]


@pytest.mark.parametrize("end", [2**31 + 5, 2**32 + 5], ids=["2038", "2106"])
def test_the_years_2038_and_2106_are_ordinary(issuer: Issuer, end: int) -> None:
    changes = {"iat": end - 5 * DAY_S, "nbf": end - 5 * DAY_S, "exp": end, "term": end}

    terms = decode_license(encode_license(issuer.terms(**changes)))

    assert (terms.exp, terms.term) == (end, end)


def test_the_default_dates_of_the_tests_are_what_they_seem(issuer: Issuer) -> None:
    assert (issuer.terms().exp, issuer.terms().term) == (EXP, TERM)
