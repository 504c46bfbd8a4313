"""Looking at any file without trusting it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.vendor.inspecting import Inspection, differences, inspect_file
from appliance.vendor.license_keys import load_anchor, load_keyset_bytes
from appliance.vendor.readers import Known
from appliance.vendor.renewal import RenewalOrder, renew_license
from appliance.vendor.revoking import Reason, revoke_license
from offline_license.armor import Label, armor
from offline_license.extension import make_chain
from offline_license.frames import split, whole
from offline_license.lease import issue_lease
from tests.support.ledger_site import LedgerSite
from tests.support.license_objects import LEASE, PROXY
from tests.support.licensing import IAT, Issuer
from tests.support.vendor_office import PASSPHRASE, Office

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTHING = Known()


def with_keys(office: Office) -> Known:
    """Return what the vendor can verify with."""
    return Known(load_anchor(office.keys), office.keyset(), office.lineages)


def _response(office: Office) -> bytes:
    request = office.request(office.issue().license)
    order = RenewalOrder()
    return renew_license(request, office.keys, PASSPHRASE, order, now=IAT).response


def _revocations(office: Office) -> bytes:
    signed, _ = revoke_license(
        office.keys,
        PASSPHRASE,
        office.issue().license.serial,
        reason=Reason.MISTAKE,
        effective=None,
        now=IAT,
    )
    return signed.data


OBJECTS: dict[str, Callable[[Office], bytes]] = {
    "license": lambda office: office.issue().data,
    "request": lambda office: office.site.request_bytes(),
    "mini request": lambda office: office.mini_request(office.issue().license),
    "response": _response,
    "keyset": lambda office: load_keyset_bytes(office.keys),
    "revocation": _revocations,
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_object_is_named_shown_and_verified(office: Office, kind: str) -> None:
    data = OBJECTS[kind](office)

    seen = inspect_file(data, with_keys(office))

    assert (seen.kind, seen.verdict, seen.problems) == (kind, "verified", ())
    assert seen.signers
    assert seen.fields
    json.dumps(seen.to_json())


@pytest.mark.parametrize("kind", [k for k in OBJECTS if k != "request"])
def test_without_keys_nothing_is_called_verified(office: Office, kind: str) -> None:
    seen = inspect_file(OBJECTS[kind](office), NOTHING)

    assert seen.verdict.startswith("NOT VERIFIED")


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_changed_signature_is_refused_but_shown(office: Office, kind: str) -> None:
    data = bytearray(OBJECTS[kind](office))
    data[-1] ^= 1

    seen = inspect_file(bytes(data), with_keys(office))

    assert seen.verdict == "REFUSED"
    assert "ANX-LIC-" in seen.problems[0]
    assert seen.fields


def test_the_fields_of_a_license_are_dates_and_words(office: Office) -> None:
    lines = list(inspect_file(office.issue().data, with_keys(office)).lines())

    text = "\n".join(lines)
    assert "2027-10-01T12:00:00Z" in text
    assert "production" in text
    assert "capacity.streams" in text
    assert "license_production, active" in text


def test_a_license_of_another_vendor_names_the_unknown_key(office: Office) -> None:
    seen = inspect_file(Issuer("another").license_bytes(), with_keys(office))

    assert seen.problems[0].startswith("ANX-LIC-08")
    assert "unknown here" in seen.signers[0]


def test_unusual_terms_are_named(office: Office) -> None:
    data = office.issue(warn_days=(400,)).data

    seen = inspect_file(data, with_keys(office))

    assert "comes before the start" in seen.advice[0]


def test_terms_that_no_issuer_should_sign_are_named() -> None:
    data = Issuer().license_bytes(term=Issuer().terms().exp)

    assert "14 days of grace" in inspect_file(data, NOTHING).advice[0]


def test_an_edited_paper_is_refused_with_its_reason(office: Office) -> None:
    text = office.issue().text.replace("2027-09-30", "2099-09-30")

    seen = inspect_file(text.encode(), with_keys(office))

    assert seen.problems[0].startswith("ANX-LIC-05")


def test_text_and_qr_show_the_same_as_the_file(office: Office) -> None:
    issued = office.issue()
    file = inspect_file(issued.data, NOTHING)

    assert inspect_file(issued.text.encode(), NOTHING) == file
    assert inspect_file(whole(issued.data).encode(), NOTHING) == file


def test_a_part_of_a_qr_code_says_what_is_missing(office: Office) -> None:
    first, *_ = split(office.site.request_bytes())

    seen = inspect_file(first.encode(), NOTHING)

    assert "all but 2, 3" in seen.problems[0]


def test_a_code_is_known_by_its_spelling() -> None:
    code = make_chain(bytes(16), bytes(13), count=1, days=14).codes[0]

    assert inspect_file(code.encode(), NOTHING).kind == "extension code"


def test_a_mini_request_of_a_stranger_is_refused(office: Office) -> None:
    stranger = Office(office.keys, site=Issuer("stranger"))
    data = stranger.mini_request(Issuer("stranger").terms())

    assert inspect_file(data, with_keys(office)).problems[0].startswith("ANX-LIC-51")


def test_a_lease_is_shown_and_never_called_verified(office: Office) -> None:
    seen = inspect_file(issue_lease(LEASE, PROXY), with_keys(office))

    assert seen.kind == "lease"
    assert seen.verdict.startswith("NOT VERIFIED")
    assert seen.fields["content"]


def test_a_report_proves_itself_and_shows_its_sums(
    office: Office, tmp_path: Path
) -> None:
    ledger = LedgerSite(tmp_path / "ledger", office.site.install_key)
    ledger.work(days=2)
    data = ledger.report(license_=(bytes(16), 1))

    seen = inspect_file(data, NOTHING)

    assert seen.kind == "usage report"
    assert seen.verdict == "verified with the install key inside it"
    assert seen.fields["totals"]["audio_ms"] == 1_200_000
    json.dumps(seen.to_json())


def test_a_changed_report_is_refused(office: Office, tmp_path: Path) -> None:
    ledger = LedgerSite(tmp_path / "ledger", office.site.install_key)
    ledger.work()
    data = ledger.report(license_=(bytes(16), 1))

    seen = inspect_file(data[:-200] + data[-199:], NOTHING)

    assert (seen.kind, seen.verdict) == ("usage report", "REFUSED")


def test_two_licenses_are_compared(office: Office) -> None:
    old, new = (
        inspect_file(office.issue(features=features).data, NOTHING)
        for features in ((1, 2), (1,))
    )

    lines = list(differences(old, new))

    assert any(line.startswith("features: 1, 2 -> 1") for line in lines)
    assert any(line.startswith("loses: ") for line in lines)


def test_a_file_does_not_differ_from_itself(office: Office) -> None:
    seen = inspect_file(armor(_response(office), Label.RESPONSE).encode(), NOTHING)

    assert list(differences(seen, seen)) == []


@given(st.binary(max_size=400))
def test_any_bytes_can_be_inspected(data: bytes) -> None:
    assert isinstance(inspect_file(data, NOTHING), Inspection)
