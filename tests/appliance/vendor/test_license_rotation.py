"""New years and withdrawn keys (cases 42 and 43 from the vendor's side)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from appliance.vendor.errors import VendorTermsError
from appliance.vendor.license_keys import LicenseKeyFiles
from appliance.vendor.license_rotation import (
    fitting_keys,
    renew_issuing_keys,
    withdraw_issuing_key,
)
from appliance.vendor.licensing import (
    LicenseTerms,
    create_license_keys,
    issue_license,
    load_anchor,
    load_keyset,
    load_keyset_bytes,
)
from offline_license.errors import (
    CompromisedKeyError,
    KeyFileError,
    UnknownKeyError,
)
from offline_license.keys import public_bytes
from offline_license.keyset import MAX_KEYS, KeyStatus, verify_keyset
from offline_license.license import verify_license
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT, Issuer, test_key

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = b"correct horse"
LATER = IAT + 300 * DAY_S


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return create_license_keys(tmp_path / "keys", PASSPHRASE, now=IAT).directory


def issue(keys: Path, now: int) -> bytes:
    """Issue a license for a year at some time."""
    terms = LicenseTerms("Example Hospital", date(2028, 9, 30))
    request = Issuer("host").request_bytes()
    return issue_license(request, keys, PASSPHRASE, terms, now=now).data


def test_licenses_of_both_years_are_good_under_the_new_keyset(keys: Path) -> None:
    old = issue(keys, IAT)

    assert renew_issuing_keys(keys, PASSPHRASE, now=LATER) == 2

    new = issue(keys, LATER)
    keyset = load_keyset(keys)
    assert verify_license(old, keyset).kid != verify_license(new, keyset).kid


def test_a_site_with_the_old_keyset_takes_the_new_one(keys: Path) -> None:
    installed = load_keyset(keys)
    renew_issuing_keys(keys, PASSPHRASE, now=LATER)

    taken = verify_keyset(
        load_keyset_bytes(keys), load_anchor(keys), installed=installed
    )

    assert taken.version == 2
    statuses = [key.status for key in taken.manifest.keys]
    assert statuses.count(KeyStatus.RETIRED) == statuses.count(KeyStatus.ACTIVE) == 4


def test_a_site_with_the_old_keyset_is_told_to_update_it(keys: Path) -> None:
    installed = load_keyset(keys)
    renew_issuing_keys(keys, PASSPHRASE, now=LATER)

    with pytest.raises(UnknownKeyError, match="update keyset"):
        verify_license(issue(keys, LATER), installed)


def test_a_withdrawn_key_voids_what_it_signed_after_the_cutoff(keys: Path) -> None:
    before, after = issue(keys, IAT), issue(keys, IAT + 10)
    kid = verify_license(before, load_keyset(keys)).kid

    withdraw_issuing_key(keys, PASSPHRASE, kid=kid, cutoff=IAT + 5, now=LATER)

    keyset = load_keyset(keys)
    assert verify_license(before, keyset).dies_at == LATER + 30 * DAY_S
    with pytest.raises(CompromisedKeyError):
        verify_license(after, keyset)


def test_a_withdrawn_key_stays_withdrawn_in_later_years(keys: Path) -> None:
    kid = load_keyset(keys).manifest.keys[0].kid
    withdraw_issuing_key(keys, PASSPHRASE, kid=kid, cutoff=IAT, now=IAT)

    renew_issuing_keys(keys, PASSPHRASE, now=LATER)

    assert load_keyset(keys).key(kid).status is KeyStatus.COMPROMISED


def test_keys_can_be_changed_without_end_and_licenses_in_force_stay_good(
    keys: Path,
) -> None:
    """A vendor who changes keys every month must not run out of room one day."""
    first = issue(keys, IAT)

    for month in range(1, 21):
        renew_issuing_keys(keys, PASSPHRASE, now=IAT + month * 30 * DAY_S)

    keyset = load_keyset(keys)
    assert len(keyset.manifest.keys) == MAX_KEYS
    assert verify_license(first, keyset).license.seq == 1
    now = IAT + 601 * DAY_S
    assert verify_license(issue(keys, now), keyset).license.seq == 1


def test_a_key_that_is_needed_is_never_left_out(keys: Path) -> None:
    one = load_keyset(keys).manifest.keys[0]
    retired = tuple(
        replace(one, public=public_bytes(test_key(f"{n}")), status=KeyStatus.RETIRED)
        for n in range(MAX_KEYS + 2)
    )
    needed = frozenset(key.kid for key in retired)

    kept = fitting_keys(retired, needed - {retired[4].kid, retired[2].kid})

    assert kept == tuple(k for k in retired if k not in {retired[2], retired[4]})
    with pytest.raises(VendorTermsError, match="at most 64"):
        fitting_keys(retired, needed)


def test_an_unknown_key_cannot_be_withdrawn(keys: Path) -> None:
    with pytest.raises(UnknownKeyError):
        withdraw_issuing_key(keys, PASSPHRASE, kid=bytes(8), cutoff=IAT, now=IAT)


def test_one_lost_root_is_no_obstacle_and_two_are(keys: Path) -> None:
    files = LicenseKeyFiles(keys)
    files.root(1).unlink()
    renew_issuing_keys(keys, PASSPHRASE, now=LATER)

    files.root(2).unlink()

    with pytest.raises(KeyFileError, match="2 root keys, found 1"):
        renew_issuing_keys(keys, PASSPHRASE, now=LATER)
    assert load_keyset(keys).version == 2


def test_a_wrong_passphrase_changes_nothing(keys: Path) -> None:
    before = {path: path.read_bytes() for path in keys.iterdir()}

    with pytest.raises(KeyFileError):
        renew_issuing_keys(keys, b"wrong", now=LATER)

    assert {path: path.read_bytes() for path in keys.iterdir()} == before


def test_a_folder_with_part_of_the_keys_is_left_alone(keys: Path) -> None:
    for path in keys.glob("license-root-*"):
        path.unlink()
    before = sorted(keys.iterdir())

    with pytest.raises(FileExistsError):
        create_license_keys(keys, PASSPHRASE, now=IAT)

    assert sorted(keys.iterdir()) == before
