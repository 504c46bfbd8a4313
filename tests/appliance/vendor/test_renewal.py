"""Renewals: request in, bundle out (cases 31, 36 and 40 from the vendor's side)."""

# ruff: noqa: ANN401 - fields of RenewalOrder
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from appliance.vendor.errors import (
    NotAnObjectError,
    ReportMissingError,
    RequestMismatchError,
    UnknownLineageError,
    VendorTermsError,
)
from appliance.vendor.license_keys import load_anchor
from appliance.vendor.license_rotation import renew_issuing_keys
from appliance.vendor.renewal import Renewal, RenewalOrder, renew_license
from appliance.vendor.revoking import Reason, revoke_license
from offline_license.armor import Label, armor
from offline_license.dates import valid_through
from offline_license.errors import LicenseError, SignatureError
from offline_license.frames import split, whole
from offline_license.license import check_install_key
from offline_license.model import Kind, Post, ReportCadence, ReportMode
from offline_license.response import VerifiedResponse, verify_response
from offline_license.scanner import scanner_text
from offline_license.states import Flag
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT, Issuer
from tests.support.vendor_office import PASSPHRASE, Office

if TYPE_CHECKING:
    from offline_license.model import License

LATER = IAT + 200 * DAY_S
CONTRACT: dict[str, Any] = {
    "features": (3, 7),
    "post": Post.ADVISORY,
    "extension_codes": 2,
    "extension_days": 10,
    "grace_days": 45,
    "report": ReportCadence(90, ReportMode.ADVISORY),
    "warn_days": (20, 10),
}


def renew(office: Office, request: bytes, *, now: int = LATER, **order: Any) -> Renewal:
    """Answer a request."""
    return renew_license(
        request, office.keys, PASSPHRASE, RenewalOrder(**order), now=now
    )


def opened(office: Office, renewal: Renewal) -> VerifiedResponse:
    """Verify a bundle as a site does that knows nothing but the roots."""
    return verify_response(renewal.response, load_anchor(office.keys))


@pytest.fixture
def first(office: Office) -> License:
    """The license in force at the site."""
    return office.issue(**CONTRACT).license


def test_a_renewal_is_the_next_of_its_lineage_on_the_last_terms(
    office: Office, first: License
) -> None:
    license_ = renew(office, office.request(first)).issued.license

    kept = ("lid", "name", "customer", "kind", "features", "capacity", "post")
    assert all(getattr(license_, name) == getattr(first, name) for name in kept)
    assert license_.seq == first.seq + 1
    assert license_.report == first.report
    assert license_.warn_days == (20, 10)
    assert license_.term - license_.exp == 45 * DAY_S
    assert license_.extension is not None
    assert license_.extension.count == 2


def test_it_goes_on_for_as_long_as_before(office: Office) -> None:
    year = office.issue(through=date(2028, 1, 20)).license

    license_ = renew(office, office.request(year)).issued.license

    assert valid_through(license_.exp) == date(2029, 1, 20)


def test_what_has_long_ended_goes_on_from_today(office: Office) -> None:
    short = office.issue(through=date(2027, 2, 14)).license

    license_ = renew(office, office.request(short)).issued.license

    assert valid_through(license_.exp) == date(2027, 9, 2)


def test_asking_again_before_installing_does_not_make_two_years(
    office: Office, first: License
) -> None:
    request = office.request(first, wall_s=LATER)
    once = renew(office, request).issued.license

    again = renew(office, request)

    assert (again.issued.license.seq, again.issued.license.exp) == (3, once.exp)
    assert any("has not installed" in note for note in again.notes)


def test_the_bundle_brings_a_bare_site_up_to_date(
    office: Office, first: License
) -> None:
    other = office.issue(site=Issuer("another")).license
    revoke_license(
        office.keys,
        PASSPHRASE,
        other.serial,
        reason=Reason.REPLACED,
        effective=None,
        now=IAT,
    )
    renew_issuing_keys(office.keys, PASSPHRASE, now=LATER - 1)

    bundle = opened(office, renew(office, office.request(first)))

    check_install_key(bundle.license.license, office.site.install_public)
    assert bundle.keyset.version == 2
    assert bundle.revocations is not None
    assert bundle.revocations.revoked_at(other) is not None


@pytest.mark.parametrize("form", ["text", "qr", "frames", "scan", "mini", "mini qr"])
def test_a_request_is_taken_in_every_form(
    office: Office, first: License, form: str
) -> None:
    full, mini = office.request(first), office.mini_request(first)
    data = {
        "text": armor(full, Label.REQUEST).encode(),
        "qr": whole(full).encode(),
        "frames": "\n".join(reversed(split(full))).encode(),
        "scan": scanner_text(full).encode(),
        "mini": mini,
        "mini qr": whole(mini).lower().encode(),
    }[form]

    license_ = renew(office, data).issued.license

    assert (license_.lid, license_.seq) == (first.lid, 2)
    assert license_.install_key == office.site.install_public


def test_a_mini_request_keeps_the_host_that_was_enrolled(
    office: Office, first: License
) -> None:
    license_ = renew(office, office.mini_request(first)).issued.license

    assert license_.enrolled == first.enrolled


def test_a_full_request_enrolls_the_host_anew_and_says_what_changed(
    office: Office, first: License
) -> None:
    seen = office.site.host(nic_set=("d0:94:66:00:00:09",))

    renewal = renew(office, office.request(first, fingerprint=seen))

    assert renewal.issued.license.enrolled is not None
    assert renewal.issued.license.enrolled.fingerprint == seen
    assert any("the host has changed" in note for note in renewal.notes)


def test_options_change_terms_and_the_site_is_told_what_it_loses(
    office: Office, first: License
) -> None:
    renewal = renew(
        office,
        office.request(first),
        limits={"streams": 2, "gpus": 1},
        changes={"features": (3,), "licensee": "New Name"},
    )

    assert renewal.issued.license.capacity.streams == 2
    assert renewal.issued.license.name == "New Name"
    assert renewal.issued.license.customer == first.customer
    assert renewal.changes.loses


def test_a_limit_can_be_lifted(office: Office, first: License) -> None:
    renewal = renew(office, office.request(first), limits={"streams": None})

    assert renewal.issued.license.capacity.streams is None


def test_a_renewal_can_begin_when_the_last_one_ends(
    office: Office, first: License
) -> None:
    start = date(2027, 10, 1)

    renewal = renew(office, office.request(first), changes={"not_before": start})

    assert renewal.issued.license.nbf > LATER


def test_a_lost_license_is_found_by_the_key_of_the_site(
    office: Office, first: License
) -> None:
    renewal = renew(office, office.site.request_bytes())

    assert renewal.issued.license.lid == first.lid


def test_two_licenses_of_one_site_must_be_told_apart(
    office: Office, first: License
) -> None:
    second = office.issue().license
    request = office.site.request_bytes()

    with pytest.raises(UnknownLineageError, match="found 2"):
        renew(office, request)

    assert renew(office, request, lineage=second.serial).before == second
    assert first.lid != second.lid


def test_an_add_on_is_renewed_beside_its_license(
    office: Office, first: License
) -> None:
    add_on = office.issue(parent=first.lid).license

    license_ = renew(
        office, office.request(first), lineage=add_on.serial
    ).issued.license

    assert (license_.lid, license_.parent) == (add_on.lid, first.lid)
    assert license_.seq == 2


def test_a_request_from_another_installation_is_held(
    office: Office, first: License
) -> None:
    """Case 37 from the vendor's side: both installations are named."""
    clone = Issuer("clone").request_bytes(lid=first.lid, seq=first.seq)

    with pytest.raises(RequestMismatchError, match=r"installation \w{4}-\w{4}, found"):
        renew(office, clone)

    again = renew(office, clone, new_installation=True)
    assert again.issued.license.install_key == Issuer("clone").install_public
    assert any("new installation" in note for note in again.notes)


def test_an_unknown_license_is_not_renewed(office: Office) -> None:
    request = office.site.request_bytes(lid=bytes(16), seq=4)

    with pytest.raises(UnknownLineageError, match="0000-0000/4"):
        renew(office, request)


def test_the_sequence_never_falls_behind_the_site(
    office: Office, first: License
) -> None:
    """A register from an old backup still issues what the site accepts."""
    license_ = renew(office, office.request(replace(first, seq=9))).issued.license

    assert license_.seq == 10


def test_a_report_that_is_a_condition_holds_the_renewal_only(office: Office) -> None:
    cadence = ReportCadence(90, ReportMode.CONDITION_OF_RENEWAL)
    license_ = office.issue(report=cadence).license
    request = office.request(license_)

    with pytest.raises(ReportMissingError, match="every 90 days"):
        renew(office, request)

    assert renew(office, request, now=IAT + 89 * DAY_S).issued
    assert renew(office, request, without_report=True).issued


def test_the_vendor_hears_what_the_site_raised(office: Office, first: License) -> None:
    request = office.request(
        first, flags=(Flag.STATE_REBUILT,), wall_s=0, fingerprint=None
    )

    notes = " ".join(renew(office, request).notes)

    assert "STATE_REBUILT" in notes
    assert "1970-01-01" in notes
    assert "bound by its key alone" in notes


def test_a_quiet_request_brings_no_notes(office: Office, first: License) -> None:
    request = office.request(first, wall_s=LATER)

    assert renew(office, request).notes == ()


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 50, b"ANX:NONSENSE", b"hello", b"\xd2" * 300],
    ids=["empty", "zeros", "qr", "words", "tags"],
)
def test_what_is_no_request_is_refused(
    office: Office, first: License, data: bytes
) -> None:
    with pytest.raises((LicenseError, NotAnObjectError)):
        renew(office, data)

    assert office.lineages.last_seq(first.lid) == first.seq


def test_a_license_is_no_request(office: Office, first: License) -> None:
    with pytest.raises(NotAnObjectError, match="expected a request, found a license"):
        renew(office, office.lineages.named(first.serial).data)


def test_a_missing_frame_is_named(office: Office, first: License) -> None:
    one, _, three = split(office.request(first))

    with pytest.raises(NotAnObjectError, match="all but 2"):
        renew(office, f"{one}\n{three}".encode())


def test_a_mini_request_of_an_unknown_site_asks_for_the_file(office: Office) -> None:
    stranger = Office(office.keys, site=Issuer("stranger"))
    request = stranger.mini_request(Issuer("stranger").terms())

    with pytest.raises(UnknownLineageError, match="as a file"):
        renew(office, request)


def test_a_mini_request_for_another_license_asks_for_the_file(
    office: Office, first: License
) -> None:
    with pytest.raises(VendorTermsError, match="as a file"):
        renew(office, office.mini_request(replace(first, lid=bytes(16))))


def test_a_forged_mini_request_is_refused(office: Office, first: License) -> None:
    forged = bytearray(office.mini_request(first))
    forged[-1] ^= 1

    with pytest.raises(SignatureError):
        renew(office, bytes(forged))


def test_a_kind_may_change_and_its_key_signs(office: Office) -> None:
    trial = office.issue(
        kind=Kind.EVALUATION, through=date(2027, 2, 1), grace_days=0
    ).license

    renewal = renew(
        office,
        office.request(trial),
        through=date(2028, 7, 31),
        changes={"kind": Kind.PRODUCTION, "grace_days": 30},
    )

    assert opened(office, renewal).license.license.kind is Kind.PRODUCTION
