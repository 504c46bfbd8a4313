"""New root keys: every site, old or new, takes each key set on the way (case 42)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from appliance.vendor.license_keys import (
    LicenseKeyFiles,
    create_license_keys,
    load_anchor,
    load_keyset,
    load_keyset_bytes,
    new_anchor,
    new_key,
    replace_file,
)
from appliance.vendor.license_roots import (
    RootFile,
    change_roots,
    next_roots_in,
    publish_keyset,
    retire_former_roots,
    roots_in,
)
from appliance.vendor.license_rotation import renew_issuing_keys
from offline_license.errors import KeyFileError, KeysetError, LicenseError
from offline_license.keyset import sign_keyset, verify_keyset
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT

if TYPE_CHECKING:
    from offline_license.anchor import LicenseAnchor

PASSPHRASE = b"correct horse battery"
LATER = IAT + 300 * DAY_S


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return create_license_keys(tmp_path / "keys", PASSPHRASE, now=IAT).directory


def change(keys: Path) -> LicenseAnchor:
    """Change all roots of a key folder."""
    return change_roots(
        keys,
        roots_in(keys, PASSPHRASE),
        next_roots_in(keys, PASSPHRASE),
        now=LATER,
    )


def test_a_site_with_the_old_roots_takes_the_new_ones(keys: Path) -> None:
    old, installed = load_anchor(keys), load_keyset(keys)

    new = change(keys)

    assert load_anchor(keys) == new != old
    taken = verify_keyset(load_keyset_bytes(keys), old, installed=installed)
    assert taken.anchor == new


def test_until_the_old_roots_retire_every_keyset_suits_old_and_new_sites(
    keys: Path,
) -> None:
    old = load_anchor(keys)
    new = change(keys)

    renew_issuing_keys(keys, PASSPHRASE, now=LATER)

    for anchor in (old, new):
        assert verify_keyset(load_keyset_bytes(keys), anchor).version == 3


def test_after_that_the_new_roots_sign_alone(keys: Path) -> None:
    old = load_anchor(keys)
    new = change(keys)
    retire_former_roots(keys)

    renew_issuing_keys(keys, PASSPHRASE, now=LATER)

    assert verify_keyset(load_keyset_bytes(keys), new).version == 3
    with pytest.raises(KeysetError, match="2 root signatures, found 0"):
        verify_keyset(load_keyset_bytes(keys), old)


def test_roots_are_not_changed_twice_at_a_time(keys: Path) -> None:
    change(keys)

    with pytest.raises(KeyFileError, match="under way"):
        change(keys)


def test_a_new_root_that_the_old_ones_did_not_sign_is_refused(keys: Path) -> None:
    installed = load_keyset(keys)
    strangers = tuple(new_key() for _ in range(3))
    anchor = new_anchor(strangers)
    manifest = replace(installed.manifest, version=2, next_anchor=anchor)

    signed = sign_keyset(manifest, strangers)

    with pytest.raises(KeysetError, match="2 root signatures, found 0"):
        verify_keyset(signed, load_anchor(keys), installed=installed)


@pytest.mark.parametrize("version", [1, 0, 2**63])
def test_a_keyset_that_goes_back_or_leaps_is_not_published(
    keys: Path, version: int
) -> None:
    before = load_keyset_bytes(keys)
    manifest = replace(load_keyset(keys).manifest, version=version, iat=LATER)

    with pytest.raises(LicenseError):
        publish_keyset(keys, manifest, roots_in(keys, PASSPHRASE))

    assert load_keyset_bytes(keys) == before


def test_one_root_of_three_publishes_nothing(keys: Path) -> None:
    manifest = replace(load_keyset(keys).manifest, version=2)

    with pytest.raises(KeyFileError, match="2 root keys, found 1"):
        publish_keyset(keys, manifest, roots_in(keys, PASSPHRASE)[:1])


def test_the_same_root_twice_counts_once(keys: Path) -> None:
    manifest = replace(load_keyset(keys).manifest, version=2)

    with pytest.raises(KeyFileError, match="2 root keys, found 1"):
        publish_keyset(keys, manifest, roots_in(keys, PASSPHRASE)[:1] * 2)


def test_new_roots_go_to_three_media_each_with_its_own_passphrase(
    keys: Path, tmp_path: Path
) -> None:
    places = [RootFile(tmp_path / f"m{n}.pem", b"passphrase %d" % n) for n in range(3)]

    change_roots(keys, roots_in(keys, PASSPHRASE), places, now=LATER)

    renew_issuing_keys(
        keys,
        PASSPHRASE,
        now=LATER,
        roots=[*places[1:], *roots_in(keys, PASSPHRASE)],
    )
    assert load_keyset(keys).version == 3


class PowerCutError(Exception):
    """The machine went off."""


@pytest.mark.parametrize("step", range(13))
def test_a_power_cut_at_any_step_leaves_roots_that_work(
    keys: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    old, left = load_anchor(keys), step

    def count(act: object) -> None:
        nonlocal left
        if left == 0:
            raise PowerCutError(act)
        left -= 1

    def cut_replace(path: Path, data: bytes, *, mode: int = 0o600) -> None:
        count(path)
        replace_file(path, data, mode=mode)

    real = Path.replace

    def cut_rename(self: Path, target: Path) -> Path:
        if not self.name.startswith("."):
            count(self)
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr("appliance.vendor.license_roots.replace_file", cut_replace)
        patch.setattr(Path, "replace", cut_rename)
        with suppress(PowerCutError):
            change(keys)

    retire = load_keyset(keys).anchor != old
    renew_issuing_keys(keys, PASSPHRASE, now=LATER)

    assert verify_keyset(load_keyset_bytes(keys), old).version == 2 + retire
    if not retire:
        change(keys)
    retire_former_roots(keys)
    renew_issuing_keys(keys, PASSPHRASE, now=LATER)
    assert LicenseKeyFiles(keys).root(3).exists()
    assert not list(keys.glob("license-former*"))
    assert verify_keyset(load_keyset_bytes(keys), load_anchor(keys)).version == 4
