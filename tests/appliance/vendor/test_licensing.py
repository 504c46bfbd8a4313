"""License keys and licenses on the vendor's side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from appliance.vendor.errors import VendorTermsError
from appliance.vendor.licensing import (
    LicenseKeyFiles,
    LicenseTerms,
    create_license_keys,
    extension_code,
    issue_license,
    load_anchor,
    load_keyset,
    load_keyset_bytes,
)
from appliance.vendor.lineages import Lineages
from appliance.vendor.register import Register
from offline_license.armor import Label, armor, unarmor
from offline_license.dates import iso
from offline_license.errors import (
    KeyFileError,
    KeysetError,
    LicenseError,
    LintError,
    WeakKeyError,
)
from offline_license.extension import find_index
from offline_license.keyset import KeyUse, verify_keyset
from offline_license.license import check_install_key, use_for, verify_license
from offline_license.lint import lint_license
from offline_license.model import Capacity, Kind, Post
from tests.support.licensing import IAT, Issuer

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = b"correct horse"
TERMS = LicenseTerms(
    "Example Hospital", date(2027, 9, 30), capacity=Capacity(streams=4)
)

WEAK_KEYS = [
    bytes.fromhex(one)
    for one in (
        "00" * 32,
        "01" + "00" * 31,
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ec" + "ff" * 31,
    )
]
"""Points of low order, canonical and not: ed25519-speccheck, cases 0, 1 and 11."""


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with license keys."""
    return create_license_keys(tmp_path / "keys", PASSPHRASE, now=IAT).directory


@pytest.fixture
def host() -> Issuer:
    """A host; only its install key and requests are used."""
    return Issuer("host")


def issue(keys: Path, request: bytes, terms: LicenseTerms = TERMS) -> bytes:
    """Answer a request and return the license."""
    return issue_license(request, keys, PASSPHRASE, terms, now=IAT).data


def test_a_request_is_answered_with_a_license_for_its_host(
    keys: Path, host: Issuer
) -> None:
    verified = verify_license(issue(keys, host.request_bytes()), load_keyset(keys))

    license_ = verified.license
    check_install_key(license_, host.install_public)
    assert license_.enrolled is not None
    assert license_.enrolled.fingerprint == host.host()
    assert iso(license_.exp) == "2027-10-01T12:00:00Z"
    assert iso(license_.term) == "2027-10-31T12:00:00Z"
    assert license_.capacity.streams == 4
    assert lint_license(license_) == ()


def test_the_license_comes_as_text_with_a_name(keys: Path, host: Issuer) -> None:
    text = armor(host.request_bytes(), Label.REQUEST).encode()

    issued = issue_license(text, keys, PASSPHRASE, TERMS, now=IAT)

    assert unarmor(issued.text.encode(), Label.LICENSE) == issued.data
    assert issued.filename.endswith("-1.alic")


def test_a_renewal_goes_on_in_the_same_lineage(keys: Path, host: Issuer) -> None:
    keyset = load_keyset(keys)
    first = verify_license(issue(keys, host.request_bytes()), keyset).license
    again = host.request_bytes(lid=first.lid, seq=first.seq)

    second = verify_license(issue(keys, again), keyset).license
    third = verify_license(issue(keys, again), keyset).license

    assert {one.lid for one in (first, second, third)} == {first.lid}
    assert [one.seq for one in (first, second, third)] == [1, 2, 3]


def test_every_license_is_noted(keys: Path, host: Issuer) -> None:
    issue(keys, host.request_bytes())

    (head,) = Lineages(Register(LicenseKeyFiles(keys).register).entries()).heads()

    assert head.license.name == "Example Hospital"
    assert verify_license(head.data, load_keyset(keys)).license == head.license


def test_an_evaluation_is_signed_by_its_own_key(keys: Path, host: Issuer) -> None:
    terms = LicenseTerms(
        "Try", date(2027, 2, 1), 0, kind=Kind.EVALUATION, post=Post.STOP
    )
    keyset = load_keyset(keys)

    verified = verify_license(issue(keys, host.request_bytes(), terms), keyset)

    assert keyset.key(verified.kid).use is KeyUse.LICENSE_EVALUATION


def test_a_host_without_facts_is_bound_by_its_key_alone(
    keys: Path, host: Issuer
) -> None:
    data = issue(keys, host.request_bytes(fingerprint=None))

    assert verify_license(data, load_keyset(keys)).license.enrolled is None


@pytest.mark.parametrize(
    "terms",
    [
        LicenseTerms("Late", date(2026, 1, 1)),
        LicenseTerms("Short grace", date(2027, 9, 30), grace_days=13),
        LicenseTerms("Long", date(2040, 1, 1)),
        LicenseTerms("x" * 49, date(2027, 9, 30)),
    ],
    ids=lambda terms: terms.licensee[:12],
)
def test_nonsense_is_not_signed_and_not_noted(
    keys: Path, host: Issuer, terms: LicenseTerms
) -> None:
    with pytest.raises((LintError, VendorTermsError)):
        issue(keys, host.request_bytes(), terms)

    assert Register(LicenseKeyFiles(keys).register).entries() == ()


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_signed_by_the_key_for_it(
    keys: Path, host: Issuer, kind: Kind
) -> None:
    terms = LicenseTerms("Night", date(2027, 2, 1), kind=kind)
    keyset = load_keyset(keys)

    verified = verify_license(issue(keys, host.request_bytes(), terms), keyset)

    assert keyset.key(verified.kid).use is use_for(kind)


def test_a_production_license_needs_a_request(keys: Path) -> None:
    with pytest.raises(VendorTermsError, match="expected a request"):
        issue_license(None, keys, PASSPHRASE, TERMS, now=IAT)


def test_an_evaluation_may_be_bound_to_nothing_and_says_so(keys: Path) -> None:
    terms = LicenseTerms("Try", date(2027, 2, 1), 0, kind=Kind.EVALUATION)

    issued = issue_license(None, keys, PASSPHRASE, terms, now=IAT)

    assert issued.license.install_key is None
    assert "runs wherever it is copied" in issued.advice[0]


def test_an_add_on_starts_a_lineage_of_its_own(keys: Path, host: Issuer) -> None:
    base = verify_license(issue(keys, host.request_bytes()), load_keyset(keys)).license
    request = host.request_bytes(lid=base.lid, seq=base.seq)

    add_on = issue_license(
        request, keys, PASSPHRASE, replace(TERMS, parent=base.lid), now=IAT
    ).license

    assert add_on.parent == base.lid
    assert add_on.lid != base.lid
    assert add_on.seq == 1


def test_a_second_license_for_one_installation_is_advised_against(
    keys: Path, host: Issuer
) -> None:
    request = host.request_bytes()
    first = issue_license(request, keys, PASSPHRASE, TERMS, now=IAT)

    second = issue_license(request, keys, PASSPHRASE, TERMS, now=IAT)
    renewed = issue_license(
        host.request_bytes(lid=first.license.lid, seq=1),
        keys,
        PASSPHRASE,
        replace(TERMS, superseded=(second.license.lid,)),
        now=IAT,
    )

    assert first.advice == renewed.advice == ()
    assert f"has license {first.license.serial} already" in second.advice[0]


def test_warning_days_fit_a_short_validity(keys: Path, host: Issuer) -> None:
    """A trial that showed as expiring from its first day would be read by nobody."""
    terms = LicenseTerms("Try", date(2027, 2, 10), 0, kind=Kind.EVALUATION)

    issued = issue_license(host.request_bytes(), keys, PASSPHRASE, terms, now=IAT)

    assert issued.license.warn_days == (7, 3, 1)
    assert issued.advice == ()


def test_an_issuing_key_past_its_window_is_not_used(keys: Path, host: Issuer) -> None:
    later = IAT + 401 * 86_400

    with pytest.raises(LicenseError):
        issue_license(
            host.request_bytes(),
            keys,
            PASSPHRASE,
            LicenseTerms("Late", date(2028, 12, 31)),
            now=later,
        )


@pytest.mark.parametrize("weak", WEAK_KEYS, ids=lambda key: key.hex()[:8])
def test_a_request_with_a_weak_key_is_not_answered(
    keys: Path, host: Issuer, weak: bytes
) -> None:
    """Case 16: a license for such a key would make forged reports genuine."""
    data = host.request_bytes()

    with pytest.raises(WeakKeyError):
        issue(keys, data.replace(host.install_public, weak))

    assert Register(LicenseKeyFiles(keys).register).entries() == ()


def test_a_wrong_passphrase_signs_nothing(keys: Path, host: Issuer) -> None:
    with pytest.raises(KeyFileError):
        issue_license(host.request_bytes(), keys, b"wrong", TERMS, now=IAT)


def test_a_missing_key_is_named(keys: Path, host: Issuer) -> None:
    LicenseKeyFiles(keys).issuing(KeyUse.LICENSE_PRODUCTION).unlink()

    with pytest.raises(KeyFileError, match="license-issuing-prod"):
        issue(keys, host.request_bytes())


def test_private_keys_are_encrypted_and_for_the_owner_alone(keys: Path) -> None:
    private = sorted(keys.glob("*.pem"))

    assert len(private) == 8
    for path in private:
        assert b"ENCRYPTED" in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600


def test_existing_keys_are_never_replaced(keys: Path) -> None:
    before = {path: path.read_bytes() for path in keys.iterdir()}

    with pytest.raises(FileExistsError):
        create_license_keys(keys, PASSPHRASE, now=IAT)

    assert {path: path.read_bytes() for path in keys.iterdir()} == before


def test_the_keyset_is_signed_by_the_anchor_that_is_built_in(
    keys: Path, tmp_path: Path
) -> None:
    other = create_license_keys(tmp_path / "other", PASSPHRASE, now=IAT)

    assert load_keyset(keys).version == 1
    with pytest.raises(KeysetError):
        verify_keyset(load_keyset_bytes(keys), load_anchor(other.directory))


def test_codes_are_made_again_from_the_issuing_key(keys: Path, host: Issuer) -> None:
    terms = replace(TERMS, extension_codes=3)
    license_ = verify_license(
        issue(keys, host.request_bytes(), terms), load_keyset(keys)
    ).license
    assert license_.extension is not None

    code = extension_code(keys, PASSPHRASE, lid=license_.lid, index=2)

    assert find_index(license_.extension, license_.lid, code) == 2
    assert license_.extension.days == 14


@pytest.mark.parametrize("index", [0, 4])
def test_a_code_that_was_not_provided_is_not_read_out(
    keys: Path, host: Issuer, index: int
) -> None:
    terms = replace(TERMS, extension_codes=3)
    data = issue(keys, host.request_bytes(), terms)
    lid = verify_license(data, load_keyset(keys)).license.lid

    with pytest.raises(VendorTermsError, match="from 1 to 3"):
        extension_code(keys, PASSPHRASE, lid=lid, index=index)


def test_an_unknown_lineage_has_no_codes(keys: Path) -> None:
    with pytest.raises(VendorTermsError, match="found none"):
        extension_code(keys, PASSPHRASE, lid=bytes(16), index=1)
