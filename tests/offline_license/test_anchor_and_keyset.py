"""The root keys and what they sign (case 42)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from offline_license import cbor
from offline_license.anchor import LicenseAnchor
from offline_license.cose import ObjectType, sign
from offline_license.errors import (
    AlgorithmError,
    KeysetError,
    LicenseError,
    SchemaError,
    UnknownKeyError,
    WeakKeyError,
)
from offline_license.keys import public_bytes
from offline_license.keyset import (
    IssuingKey,
    KeyStatus,
    KeyUse,
    encode_keyset,
    newer_keyset,
    sign_keyset,
    verify_keyset,
)
from tests.support.licensing import IAT, test_key

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

A, B = (public_bytes(test_key(name)) for name in "ab")


def test_an_anchor_survives_its_file_and_its_hexadecimal_text(issuer: Issuer) -> None:
    anchor = issuer.anchor

    assert LicenseAnchor.from_bytes(anchor.to_bytes()) == anchor
    assert LicenseAnchor.from_hex(anchor.to_hex()) == anchor


@pytest.mark.parametrize(("keys", "threshold"), [((), 0), ((A,), 2), ((A, A), 2)])
def test_an_anchor_without_sense_is_refused(
    keys: tuple[bytes, ...], threshold: int
) -> None:
    with pytest.raises(SchemaError):
        LicenseAnchor(keys, threshold)


def test_an_anchor_with_a_weak_key_is_refused() -> None:
    with pytest.raises(WeakKeyError):
        LicenseAnchor((bytes(32),), 1)


@pytest.mark.parametrize("text", ["zz", "", "01", "a0", "a301010201038141ff"])
def test_a_damaged_anchor_is_one_typed_error(text: str) -> None:
    with pytest.raises(LicenseError):
        LicenseAnchor.from_hex(text)


def test_two_of_three_roots_are_enough_and_one_is_not(issuer: Issuer) -> None:
    manifest = issuer.manifest()

    verify_keyset(sign_keyset(manifest, issuer.roots[1:]), issuer.anchor)

    with pytest.raises(KeysetError, match="2 root signatures, found 1"):
        verify_keyset(sign_keyset(manifest, issuer.roots[:1]), issuer.anchor)


def test_one_root_signing_twice_counts_once(issuer: Issuer) -> None:
    twice = (issuer.roots[0], issuer.roots[0])

    with pytest.raises(KeysetError, match="found 1"):
        verify_keyset(sign_keyset(issuer.manifest(), twice), issuer.anchor)


def test_a_false_signature_beside_a_right_one_counts_for_nothing(
    issuer: Issuer,
) -> None:
    data = bytearray(issuer.keyset_bytes())
    data[-1] ^= 1

    with pytest.raises(KeysetError, match="found 1"):
        verify_keyset(bytes(data), issuer.anchor)


def test_a_keyset_of_strangers_is_refused(issuer: Issuer, stranger: Issuer) -> None:
    with pytest.raises(KeysetError, match="found 0"):
        verify_keyset(stranger.keyset_bytes(), issuer.anchor)


def test_an_unknown_key_names_the_way_out(issuer: Issuer) -> None:
    with pytest.raises(UnknownKeyError, match="update keyset"):
        issuer.keyset().key(bytes(8))


@pytest.mark.parametrize("version", [3, 4, 1_003])
def test_a_newer_keyset_is_accepted_and_the_same_again_too(
    issuer: Issuer, version: int
) -> None:
    installed = issuer.keyset(version=3)
    data = issuer.keyset_bytes(version=version)

    keyset = verify_keyset(data, issuer.anchor, installed=installed)

    assert keyset.version == version


@pytest.mark.parametrize("version", [2, 1_004, 2**53 - 1])
def test_rollback_and_fast_forward_are_refused(issuer: Issuer, version: int) -> None:
    installed = issuer.keyset(version=3)
    data = issuer.keyset_bytes(version=version)

    with pytest.raises(KeysetError):
        verify_keyset(data, issuer.anchor, installed=installed)


def test_another_keyset_of_the_same_version_is_refused(issuer: Issuer) -> None:
    installed = issuer.keyset(version=3)
    data = issuer.keyset_bytes(version=3, iat=IAT + 1)

    with pytest.raises(KeysetError):
        verify_keyset(data, issuer.anchor, installed=installed)


def test_the_first_keyset_cannot_have_an_impossible_version(issuer: Issuer) -> None:
    with pytest.raises(KeysetError, match="from 0 to 1000000"):
        issuer.keyset(version=1_000_001)


def test_new_roots_need_the_old_and_the_new(issuer: Issuer, stranger: Issuer) -> None:
    manifest = replace(issuer.manifest(version=2), next_anchor=stranger.anchor)
    both = (*issuer.roots[:2], *stranger.roots[:2])

    keyset = verify_keyset(sign_keyset(manifest, both), issuer.anchor)

    assert keyset.anchor == stranger.anchor
    for some in (issuer.roots, stranger.roots):
        with pytest.raises(KeysetError):
            verify_keyset(sign_keyset(manifest, some), issuer.anchor)


def test_after_new_roots_the_old_ones_sign_in_vain(
    issuer: Issuer, stranger: Issuer
) -> None:
    manifest = replace(issuer.manifest(version=2), next_anchor=stranger.anchor)
    both = (*issuer.roots[:2], *stranger.roots[:2])
    installed = verify_keyset(sign_keyset(manifest, both), issuer.anchor)

    with pytest.raises(KeysetError):
        verify_keyset(
            issuer.keyset_bytes(version=3), issuer.anchor, installed=installed
        )


def test_a_key_window_must_not_be_empty() -> None:
    with pytest.raises(SchemaError, match="end after it begins"):
        IssuingKey(A, KeyUse.LICENSE_PRODUCTION, 5, 5)


@pytest.mark.parametrize(
    ("status", "cutoff", "withdrawn"),
    [
        (KeyStatus.COMPROMISED, None, 7),
        (KeyStatus.COMPROMISED, 7, None),
        (KeyStatus.ACTIVE, 7, None),
        (KeyStatus.RETIRED, None, 7),
    ],
)
def test_a_cutoff_and_its_time_belong_to_a_compromised_key(
    status: KeyStatus, cutoff: int | None, withdrawn: int | None
) -> None:
    with pytest.raises(SchemaError, match="cutoff"):
        IssuingKey(A, KeyUse.REVOCATION, 1, 9, status, cutoff, withdrawn)


def test_a_key_for_another_algorithm_is_refused() -> None:
    value = IssuingKey(A, KeyUse.REVOCATION, 1, 9).to_value()

    with pytest.raises(AlgorithmError):
        IssuingKey.from_value({**value, 1: -8})


def test_a_keyset_names_each_key_once(issuer: Issuer) -> None:
    manifest = issuer.manifest()
    doubled = replace(manifest, keys=(manifest.keys[0], manifest.keys[0]))

    with pytest.raises(SchemaError, match="each once"):
        verify_keyset(sign_keyset(doubled, issuer.roots), issuer.anchor)


@pytest.mark.parametrize(
    "change",
    [{1: 2}, {2: -1}, {2: True}, {3: "today"}, {4: 7}, {4: [7]}, {5: 7}, {99: 0}],
)
def test_a_genuine_keyset_of_another_shape_is_refused(
    issuer: Issuer, change: dict[int, object]
) -> None:
    value = cbor.decode(encode_keyset(issuer.manifest()))
    assert isinstance(value, dict)
    payload = cbor.encode({**value, **change})
    data = sign(ObjectType.KEYSET, payload, issuer.roots)

    with pytest.raises(SchemaError):
        verify_keyset(data, issuer.anchor)


def test_the_keyset_survives_its_file_with_every_field(issuer: Issuer) -> None:
    compromised = IssuingKey(B, KeyUse.EMERGENCY, 1, 9, KeyStatus.COMPROMISED, 5, 6)
    manifest = issuer.manifest()
    manifest = replace(manifest, keys=(*manifest.keys, compromised))

    keyset = verify_keyset(sign_keyset(manifest, issuer.roots), issuer.anchor)

    assert keyset.manifest == manifest


def test_a_key_set_is_stale_once_no_key_for_production_may_issue(
    issuer: Issuer,
) -> None:
    keyset = issuer.keyset()
    last = keyset.manifest.keys[0].naf

    assert not keyset.is_stale(last - 1)
    assert keyset.is_stale(last)
    retired = tuple(
        replace(key, status=KeyStatus.RETIRED) for key in keyset.manifest.keys
    )
    assert issuer.keyset(keys=retired).is_stale(IAT)


def test_only_a_newer_keyset_is_taken_from_a_response(issuer: Issuer) -> None:
    installed = issuer.keyset(version=3)
    older, newer = issuer.keyset_bytes(version=2), issuer.keyset_bytes(version=4)

    assert newer_keyset(older, issuer.anchor, installed) is None
    assert newer_keyset(older, issuer.anchor, None) == issuer.keyset(version=2)
    assert newer_keyset(newer, issuer.anchor, installed) == issuer.keyset(version=4)
