"""Emergency codes as support gives them out (case 45 from the vendor's side)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance.vendor.errors import UnknownLineageError, VendorTermsError
from appliance.vendor.extending import GivenCode, give_out_code
from appliance.vendor.license_keys import new_key, replace_file
from appliance.vendor.license_rotation import renew_issuing_keys
from appliance.vendor.register import Event
from appliance.vendor.renewal import RenewalOrder, renew_license
from offline_license.errors import ExtensionCodeError
from offline_license.extension import find_index
from offline_license.keys import private_key_pem
from tests.support.licensing import IAT, Issuer
from tests.support.vendor_office import PASSPHRASE, Office

if TYPE_CHECKING:
    from offline_license.model import License


def give(office: Office, license_: License, index: int | None = None) -> GivenCode:
    """Give out a code over the telephone."""
    return give_out_code(
        office.keys,
        PASSPHRASE,
        license_.serial,
        index=index,
        note="night duty",
        now=IAT,
    )


def index_of(license_: License, code: str) -> int:
    """Return which code of a license this is, as its site finds out."""
    assert license_.extension is not None
    return find_index(license_.extension, license_.lid, code)


def test_codes_are_given_out_one_after_the_other(office: Office) -> None:
    license_ = office.issue(extension_codes=3).license

    given = [give(office, license_) for _ in range(3)]

    assert [index_of(license_, one.code) for one in given] == [1, 2, 3]
    assert [one.again for one in given] == [False] * 3


def test_no_code_is_left_after_the_last(office: Office) -> None:
    license_ = office.issue(extension_codes=1).license
    give(office, license_)

    with pytest.raises(VendorTermsError, match="from 1 to 1, found 2"):
        give(office, license_)


def test_a_code_can_be_read_out_again_and_it_shows(office: Office) -> None:
    license_ = office.issue(extension_codes=3).license
    first = give(office, license_)

    again = give(office, license_, 1)

    assert again == replace(first, again=True)


def test_the_register_knows_that_and_to_whom_but_not_the_code(office: Office) -> None:
    license_ = office.issue(extension_codes=3).license
    given = give(office, license_)

    (entry,) = [e for e in office.entries if e.event is Event.CODE]
    assert entry.fields["index"] == 1
    assert entry.fields["note"] == "night duty"
    text = office.files.register.read_text()
    assert given.code not in text
    assert given.code.replace("-", "") not in text


def test_codes_outlive_the_keys_of_a_year(office: Office) -> None:
    """A license of last year must still be extended at three in the morning."""
    license_ = office.issue(extension_codes=3).license

    renew_issuing_keys(office.keys, PASSPHRASE, now=IAT)

    assert index_of(license_, give(office, license_, 2).code) == 2


def test_a_lost_key_of_the_codes_is_noticed_before_a_wrong_code_is_read(
    office: Office,
) -> None:
    license_ = office.issue(extension_codes=3).license
    replace_file(office.files.codes, private_key_pem(new_key(), PASSPHRASE))

    with pytest.raises(VendorTermsError, match="renew the license instead"):
        give(office, license_)


def test_the_code_fits_the_license_that_the_site_has(office: Office) -> None:
    """The renewal is still in the mail when support is called."""
    first = office.issue(extension_codes=3).license
    request = office.request(first)
    renew_license(request, office.keys, PASSPHRASE, RenewalOrder(), now=IAT)

    given = give(office, first)

    assert given.newer == 2
    assert index_of(first, given.code) == 1


def test_without_a_number_the_newest_is_meant(office: Office) -> None:
    first = office.issue(extension_codes=3).license
    request = office.request(first)
    renewal = renew_license(request, office.keys, PASSPHRASE, RenewalOrder(), now=IAT)
    name = first.serial.partition("/")[0]

    given = give_out_code(office.keys, PASSPHRASE, name, now=IAT)

    assert given.license == renewal.issued.license
    assert given.newer is None


def test_a_number_that_was_never_issued_is_named(office: Office) -> None:
    first = office.issue(extension_codes=3).license
    name = first.serial.partition("/")[0] + "/7"

    with pytest.raises(UnknownLineageError, match=f"newest is {first.serial}"):
        give_out_code(office.keys, PASSPHRASE, name, now=IAT)


def test_a_license_without_codes_is_named(office: Office) -> None:
    license_ = office.issue().license

    with pytest.raises(VendorTermsError, match="found none"):
        give(office, license_)


def test_a_code_of_another_license_does_not_fit(office: Office) -> None:
    mine = office.issue(extension_codes=3).license
    other = office.issue(site=Issuer("another"), extension_codes=3).license

    code = give(office, other).code

    with pytest.raises(ExtensionCodeError):
        index_of(mine, code)
