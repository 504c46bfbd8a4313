"""Revocation lists: announced in time, never back (case 44)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from offline_license import cbor
from offline_license.cose import ObjectType, sign1
from offline_license.errors import (
    CompromisedKeyError,
    IssuerError,
    KeyUseError,
    RevocationError,
    SchemaError,
    SignatureError,
)
from offline_license.keyset import KeyStatus, KeyUse
from offline_license.revocation import (
    NOTHING_REVOKED,
    REASONS,
    Revocations,
    encode_revocations,
    newer_revocations,
    sign_revocations,
    verify_revocations,
)
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


def verified(
    issuer: Issuer, installed: Revocations | None = None, **changes: object
) -> Revocations:
    """Return a list as a site with another one accepts it."""
    data = issuer.revocations_bytes(**changes)
    return verify_revocations(data, issuer.keyset(), installed=installed)


def test_a_list_survives_its_object(issuer: Issuer) -> None:
    assert verified(issuer) == issuer.revocations()
    assert issuer.revocation().reason in REASONS


def test_a_license_is_revoked_up_to_a_sequence(issuer: Issuer) -> None:
    entry = issuer.revocation(max_seq=2)
    found = verified(issuer, entries=(entry, issuer.revocation(lid=bytes(16))))

    assert found.revoked_at(issuer.terms(seq=2)) == entry.effective_at
    assert found.revoked_at(issuer.terms(seq=3)) is None
    assert NOTHING_REVOKED.revoked_at(issuer.terms()) is None


def test_the_earliest_of_several_entries_counts(issuer: Issuer) -> None:
    later = issuer.revocation(effective_at=IAT + 40 * DAY_S)
    found = verified(issuer, entries=(later, issuer.revocation()))

    assert found.revoked_at(issuer.terms()) == IAT + 14 * DAY_S


def test_a_license_is_revoked_from_the_second_on(issuer: Issuer) -> None:
    found = verified(issuer)

    assert not found.revokes(issuer.terms(), IAT + 14 * DAY_S - 1)
    assert found.revokes(issuer.terms(), IAT + 14 * DAY_S)


def test_less_than_14_days_of_notice_is_refused(issuer: Issuer) -> None:
    entry = issuer.revocation(effective_at=IAT + 14 * DAY_S - 1)

    with pytest.raises(RevocationError, match="2027-01-29T08:00:00Z"):
        verified(issuer, entries=(entry,))


def test_an_announcement_cannot_lie_in_the_future_of_its_list(issuer: Issuer) -> None:
    entry = issuer.revocation(announced_at=IAT + 1, effective_at=IAT + 1 + 14 * DAY_S)

    with pytest.raises(RevocationError, match="announcement"):
        verified(issuer, entries=(entry,))


def test_a_later_list_repeats_what_was_announced(issuer: Issuer) -> None:
    """A new version does not give another 14 days to what the old one named."""
    first = verified(issuer)
    added = issuer.revocation(
        lid=bytes(16), announced_at=IAT + DAY_S, effective_at=IAT + 15 * DAY_S
    )
    entries = (*first.entries, added)

    second = verified(issuer, first, version=2, iat=IAT + DAY_S, entries=entries)

    assert second.revoked_at(issuer.terms()) == IAT + 14 * DAY_S


def test_an_announcement_older_than_a_list_without_it_is_refused(
    issuer: Issuer,
) -> None:
    """Dating back would take away the notice."""
    first = verified(issuer, iat=IAT + DAY_S, entries=())
    changes = {"version": 2, "iat": IAT + 20 * DAY_S}

    with pytest.raises(RevocationError, match="announcement"):
        verified(issuer, first, **changes)


@pytest.mark.parametrize("version", [1, 2, 1_004, 2**53 - 1])
def test_rollback_and_fast_forward_are_refused(issuer: Issuer, version: int) -> None:
    installed = verified(issuer, version=3)

    with pytest.raises(RevocationError, match="version"):
        verified(issuer, installed, version=version)


def test_the_first_list_cannot_have_an_impossible_version(issuer: Issuer) -> None:
    with pytest.raises(RevocationError, match="1000001"):
        verified(issuer, version=1_000_001)


def test_the_same_list_again_is_accepted_and_another_of_its_version_is_not(
    issuer: Issuer,
) -> None:
    installed = verified(issuer)

    assert verified(issuer, installed) == installed
    with pytest.raises(RevocationError):
        verified(issuer, installed, entries=())


def test_only_a_newer_list_is_taken_from_a_response(issuer: Issuer) -> None:
    installed, keyset = verified(issuer, version=2), issuer.keyset()
    older, newer = issuer.revocations_bytes(), issuer.revocations_bytes(version=3)

    assert newer_revocations(older, keyset, installed) is None
    assert newer_revocations(older, keyset, None) == issuer.revocations()
    assert newer_revocations(newer, keyset, installed) == issuer.revocations(version=3)


def test_a_key_for_licenses_cannot_revoke(issuer: Issuer) -> None:
    key = issuer.issuing_key(KeyUse.LICENSE_PRODUCTION)
    data = sign_revocations(issuer.revocations(), key)

    with pytest.raises(KeyUseError):
        verify_revocations(data, issuer.keyset())


def test_a_list_outside_the_window_of_its_key_is_refused(issuer: Issuer) -> None:
    with pytest.raises(IssuerError):
        verified(issuer, iat=IAT + 500 * DAY_S)


def test_a_withdrawn_key_revokes_nothing(issuer: Issuer) -> None:
    """Whoever stole it could date a list back before the cutoff."""
    keys = tuple(
        replace(
            key,
            status=KeyStatus.COMPROMISED,
            cutoff=IAT + DAY_S,
            withdrawn=IAT + DAY_S,
        )
        for key in issuer.manifest().keys
    )

    with pytest.raises(CompromisedKeyError):
        verify_revocations(issuer.revocations_bytes(), issuer.keyset(keys=keys))


def test_a_changed_list_is_refused(issuer: Issuer) -> None:
    data = issuer.revocations_bytes()

    with pytest.raises(SignatureError):
        verify_revocations(data[:-1] + bytes([data[-1] ^ 1]), issuer.keyset())


@pytest.mark.parametrize(
    "change",
    [
        {1: 2},
        {2: -1},
        {3: "today"},
        {4: 7},
        {4: [7]},
        {4: [[bytes(16), 1, 2, 3]]},
        {4: [[bytes(15), 1, 2, 3, 4]]},
        {4: [[bytes(16), 1, 2, True, 4]]},
        {5: 0},
    ],
)
def test_a_genuine_list_of_another_shape_is_refused(
    issuer: Issuer, change: dict[int, object]
) -> None:
    value = cbor.decode(encode_revocations(issuer.revocations()))
    assert isinstance(value, dict)
    payload = cbor.encode({**value, **change})
    key = issuer.issuing_key(KeyUse.REVOCATION)

    with pytest.raises(SchemaError):
        verify_revocations(sign1(ObjectType.REVOCATION, payload, key), issuer.keyset())
