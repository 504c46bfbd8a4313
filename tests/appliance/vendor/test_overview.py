"""Lists for the vendor: what ends next, what a stolen key takes with it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from appliance.vendor.errors import RegisterError, UnknownLineageError, VendorTermsError
from appliance.vendor.license_rotation import renew_issuing_keys, withdraw_issuing_key
from appliance.vendor.lineages import Lineages
from appliance.vendor.overview import key_named, license_lines, void_licenses
from appliance.vendor.register import Event, Register
from appliance.vendor.renewal import RenewalOrder, renew_license
from offline_license.dates import exp_of
from offline_license.license import verify_license
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT, Issuer
from tests.support.vendor_office import PASSPHRASE, Office

if TYPE_CHECKING:
    from offline_license.model import License

THROUGH = date(2027, 9, 30)


def void(office: Office, kid: bytes, *, cutoff: int, now: int) -> list[str]:
    """Return the lines about what a withdrawn key signed."""
    return list(void_licenses(office.lineages, kid, cutoff=cutoff, now=now))


def kid_of(office: Office, license_: License) -> bytes:
    """Return the key that signed a license."""
    data = office.lineages.named(license_.serial).data
    return verify_license(data, office.keyset()).kid


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (IAT - 1, "starts"),
        (IAT, "valid"),
        (exp_of(THROUGH), "in grace"),
        (exp_of(THROUGH) + 30 * DAY_S, "ended"),
    ],
)
def test_each_license_shows_where_it_stands(
    office: Office, now: int, phase: str
) -> None:
    office.issue()

    (line,) = license_lines(office.lineages, now=now)

    assert phase in line


def test_the_next_to_end_is_first(office: Office) -> None:
    office.issue(through=date(2027, 12, 31), licensee="Later")
    office.issue(site=Issuer("another"), licensee="Sooner")

    lines = list(license_lines(office.lineages, now=IAT))

    assert [line.split()[-1] for line in lines] == ["Sooner", "Later"]


def test_a_withdrawn_key_names_what_is_void_and_what_has_30_days(
    office: Office,
) -> None:
    early = office.issue().license
    office.now = IAT + DAY_S
    late = office.issue(site=Issuer("another")).license
    kid = kid_of(office, early)

    first, second = void(office, kid, cutoff=IAT + 1, now=IAT + 2 * DAY_S)

    assert early.serial in first
    assert "good until 2027-02-16" in first
    assert late.serial in second
    assert "void at once" in second


def test_what_was_issued_again_is_not_named(office: Office) -> None:
    license_ = office.issue().license
    kid = kid_of(office, license_)
    withdraw_issuing_key(office.keys, PASSPHRASE, kid=kid, cutoff=IAT, now=IAT)
    request = office.request(license_)
    renew_license(request, office.keys, PASSPHRASE, RenewalOrder(), now=IAT + 1)

    assert void(office, kid, cutoff=IAT, now=IAT + 1) == []


def test_what_is_replaced_later_only_is_named(office: Office) -> None:
    license_ = office.issue().license
    kid = kid_of(office, license_)
    renew_issuing_keys(office.keys, PASSPHRASE, now=IAT)
    later = {"not_before": date(2027, 9, 1)}
    order = RenewalOrder(through=date(2028, 8, 31), changes=later)
    renew_license(office.request(license_), office.keys, PASSPHRASE, order, now=IAT)

    (line,) = void(office, kid, cutoff=IAT, now=IAT + 1)

    assert license_.serial in line


def test_what_has_ended_is_not_named(office: Office) -> None:
    license_ = office.issue().license

    assert void(office, kid_of(office, license_), cutoff=0, now=license_.term) == []


@pytest.mark.parametrize("name", ["", "1F2E", "00000000"])
def test_a_key_must_be_named_exactly(office: Office, name: str) -> None:
    with pytest.raises(VendorTermsError):
        key_named(office.keyset(), name)


@pytest.mark.parametrize("name", ["", "12", "1F2E-3D4C/2"])
def test_a_license_must_be_named_exactly(office: Office, name: str) -> None:
    office.issue()

    with pytest.raises(UnknownLineageError):
        office.lineages.named(name)


@pytest.mark.parametrize("fields", [{}, {"object": 7}, {"object": "AAAA"}])
def test_an_entry_without_its_license_is_named(
    office: Office, fields: dict[str, object]
) -> None:
    register = Register(office.files.register)
    with register.open() as book:
        book.add(Event.LICENSE, at=IAT, **fields)

    with pytest.raises(RegisterError, match="entry 1"):
        _ = Lineages(register.entries()).all
