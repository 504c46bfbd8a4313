"""Revocation with notice, from the vendor's side (case 44)."""

from __future__ import annotations

from datetime import date

import pytest

from appliance.vendor.errors import UnknownLineageError, VendorTermsError
from appliance.vendor.license_rotation import renew_issuing_keys, withdraw_issuing_key
from appliance.vendor.register import Event
from appliance.vendor.revoking import (
    Reason,
    SignedList,
    lift_revocation,
    revoke_license,
    sign_again,
)
from offline_license.dates import start_of
from offline_license.keyset import KeyUse
from offline_license.revocation import REASONS, Revocations, verify_revocations
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT, Issuer
from tests.support.vendor_office import PASSPHRASE, Office

NOTICE_S = 14 * DAY_S
LATER = IAT + 20 * DAY_S


def revoke(
    office: Office, name: str, *, now: int = IAT, effective: date | None = None
) -> SignedList:
    """Revoke a license for the end of its contract."""
    signed, _ = revoke_license(
        office.keys,
        PASSPHRASE,
        name,
        reason=Reason.CONTRACT_ENDED,
        effective=effective,
        now=now,
    )
    return signed


def verified(office: Office, installed: Revocations | None = None) -> Revocations:
    """Verify the list in place as a site does."""
    data = office.files.revocations.read_bytes()
    return verify_revocations(data, office.keyset(), installed=installed)


def test_a_revocation_leaves_the_site_fourteen_days(office: Office) -> None:
    license_ = office.issue().license

    revoke(office, license_.serial)

    listed = verified(office)
    assert listed.revoked_at(license_) == IAT + NOTICE_S
    assert not listed.revokes(license_, IAT + NOTICE_S - 1)
    assert listed.revokes(license_, IAT + NOTICE_S)


def test_a_shorter_notice_is_refused_and_the_earliest_day_named(office: Office) -> None:
    license_ = office.issue().license

    with pytest.raises(VendorTermsError, match="2027-01-29T08:00:00Z"):
        revoke(office, license_.serial, effective=date(2027, 1, 28))

    assert not office.files.revocations.exists()


def test_a_later_day_may_be_chosen(office: Office) -> None:
    license_ = office.issue().license

    revoke(office, license_.serial, effective=date(2027, 6, 1))

    assert verified(office).revoked_at(license_) == start_of(date(2027, 6, 1))


def test_a_second_list_keeps_what_is_already_in_force(office: Office) -> None:
    first = office.issue().license
    second = office.issue(site=Issuer("another")).license
    revoke(office, first.serial)
    before = verified(office)

    revoke(office, second.serial, now=LATER)

    listed = verified(office, installed=before)
    assert listed.version == 2
    assert listed.revokes(first, LATER)
    assert not listed.revokes(second, LATER)


def test_two_lists_of_one_second_are_told_apart(office: Office) -> None:
    first = office.issue().license
    second = office.issue(site=Issuer("another")).license
    revoke(office, first.serial)
    before = verified(office)

    revoke(office, second.serial)

    assert verified(office, installed=before).version == 2


def test_a_license_is_not_revoked_twice(office: Office) -> None:
    license_ = office.issue().license
    revoke(office, license_.serial)

    with pytest.raises(VendorTermsError, match="already"):
        revoke(office, license_.serial, now=IAT + DAY_S)


def test_a_mistake_is_taken_back_before_it_takes_effect(office: Office) -> None:
    license_ = office.issue().license
    revoke(office, license_.serial)

    lift_revocation(office.keys, PASSPHRASE, license_.serial, now=IAT + DAY_S)

    assert verified(office).version == 2
    assert verified(office).revoked_at(license_) is None


def test_what_is_not_revoked_cannot_be_lifted(office: Office) -> None:
    license_ = office.issue().license

    with pytest.raises(VendorTermsError, match="is not revoked"):
        lift_revocation(office.keys, PASSPHRASE, license_.serial, now=IAT)


def test_an_unknown_license_cannot_be_revoked(office: Office) -> None:
    with pytest.raises(UnknownLineageError):
        revoke(office, "1F2E-3D4C/1")


def test_every_list_stands_in_the_register(office: Office) -> None:
    license_ = office.issue().license
    revoke(office, license_.serial)

    (entry,) = [e for e in office.entries if e.event is Event.REVOCATIONS]
    assert entry.fields == {"version": 1, "serial": license_.serial}


def test_a_new_year_of_keys_leaves_the_list_good(office: Office) -> None:
    revoke(office, office.issue().license.serial)

    renew_issuing_keys(office.keys, PASSPHRASE, now=LATER)

    assert verified(office).version == 1


def test_a_withdrawn_key_for_revocations_has_its_list_signed_again(
    office: Office,
) -> None:
    license_ = office.issue().license
    revoke(office, license_.serial)
    before = verified(office)
    (key,) = [k for k in office.keyset().manifest.keys if k.use is KeyUse.REVOCATION]

    withdraw_issuing_key(
        office.keys, PASSPHRASE, kid=key.kid, cutoff=IAT + DAY_S, now=LATER
    )

    listed = verified(office, installed=before)
    assert listed.version == 2
    assert listed.revoked_at(license_) == IAT + NOTICE_S


def test_without_a_list_there_is_nothing_to_sign_again(office: Office) -> None:
    assert sign_again(office.keys, PASSPHRASE, now=IAT) is None


def test_every_reason_has_words_at_the_site() -> None:
    assert {int(reason) for reason in Reason} == set(REASONS)
