"""The vendor makes trust updates from the register of releases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from appliance.vendor.cli import app
from appliance.vendor.keys import KeyFolder, init_keys
from appliance.vendor.license_roots import RootFile
from appliance.vendor.trust_updates import UpdateOrder, issue_update, release_roots
from bundles.errors import KeyMaterialError, UpdateInputError
from bundles.keys import load_release_keys
from bundles.trust.anchor import TrustAnchor
from bundles.trust.catalog import ListedRelease
from bundles.trust.update import TrustUpdate
from bundles.updates import VerifiedUpdate, open_update, read_update

NOW = datetime(2026, 11, 22, tzinfo=UTC)
UNTIL = NOW + timedelta(days=400)
PASSPHRASE = b"six random words in a row"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFolder:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp()) + 60))
    init_keys(tmp_path / "keys", PASSPHRASE, now=NOW)
    (tmp_path / "passphrase").write_bytes(PASSPHRASE)
    keys = KeyFolder(tmp_path / "keys")
    for number in (1, 2):
        _release(keys, number)
    return keys


def _release(keys: KeyFolder, number: int) -> None:
    listed = ListedRelease(number, f"1.{number}.0", f"{number:064x}", 100, UNTIL)
    version = keys.releases.version_of(number)
    keys.releases.add_release(listed, NOW, version=version)


def _opened(keys: KeyFolder, update: TrustUpdate) -> VerifiedUpdate:
    anchor = TrustAnchor.read(keys.anchor)
    return open_update(update, anchor=anchor, now=NOW + timedelta(days=1))


def _issued(keys: KeyFolder, order: UpdateOrder) -> VerifiedUpdate:
    return _opened(
        keys, TrustUpdate.from_json(issue_update(keys, PASSPHRASE, order).data)
    )


def _type(keys: KeyFolder, *arguments: str) -> Result:
    folder = keys.path.parent
    return CliRunner().invoke(app, [
        "trust", "update", "--keys", str(keys.path),
        "--passphrase-file", str(folder / "passphrase"),
        "--output", str(folder / "update"), *arguments,
    ])  # fmt: skip


def test_an_update_names_every_good_release(keys: KeyFolder) -> None:
    found = _issued(keys, UpdateOrder(NOW))

    assert found.version == 3
    assert [one.release_seq for one in found.catalog.good] == [1, 2]
    assert [one.install_by for one in found.catalog.good] == [UNTIL, UNTIL]


def test_a_revocation_stays_in_every_later_update(keys: KeyFolder) -> None:
    _issued(keys, UpdateOrder(NOW, revoke=(1,)))

    found = _issued(keys, UpdateOrder(NOW + timedelta(hours=1)))

    (revoked,) = found.catalog.revoked
    assert found.version == 4
    assert (revoked.release_seq, revoked.version, revoked.since) == (1, 3, NOW)
    assert [one.release_seq for one in found.catalog.good] == [2]


def test_a_revocation_may_be_asked_for_again(keys: KeyFolder) -> None:
    _issued(keys, UpdateOrder(NOW, revoke=(1,)))

    again = _issued(keys, UpdateOrder(NOW, revoke=(1,)))

    assert [one.version for one in again.catalog.revoked] == [3]


def test_an_extension_never_shortens_a_date(keys: KeyFolder) -> None:
    later = UNTIL + timedelta(days=9)
    _issued(keys, UpdateOrder(NOW, install_by=later))

    found = _issued(keys, UpdateOrder(NOW, install_by=NOW + timedelta(days=1)))

    assert {one.install_by for one in found.catalog.good} == {later}


@pytest.mark.parametrize(
    "order", [UpdateOrder(NOW, revoke=(9,)), UpdateOrder(NOW, install_by=NOW)]
)
def test_an_order_that_makes_no_sense_signs_nothing(
    keys: KeyFolder, order: UpdateOrder
) -> None:
    with pytest.raises(UpdateInputError):
        issue_update(keys, PASSPHRASE, order)

    assert keys.releases.next_version() == 3


def test_a_release_after_an_update_gets_a_higher_version(keys: KeyFolder) -> None:
    issue_update(keys, PASSPHRASE, UpdateOrder(NOW, revoke=(1,)))

    _release(keys, 3)

    assert keys.releases.version_of(3) == 4
    assert keys.releases.next_sequence() == 4
    revoked = keys.releases.catalog(4, NOW).revoked
    assert [one.release_seq for one in revoked] == [1]


def test_a_release_built_again_lists_the_same_as_before(keys: KeyFolder) -> None:
    before = keys.releases.catalog(keys.releases.version_of(2), NOW)
    issue_update(keys, PASSPHRASE, UpdateOrder(NOW, revoke=(1,)))
    _release(keys, 3)

    assert keys.releases.catalog(keys.releases.version_of(2), NOW) == before


def test_releases_registered_without_a_digest_only_count(keys: KeyFolder) -> None:
    line = '{"sequence": 5, "version": "1.5.0", "created": "2026-11-22"}\n'
    keys.releases.path.write_text(line)

    assert keys.releases.next_sequence() == 6
    assert keys.releases.next_version() == 6
    assert keys.releases.catalog(9, NOW).good == ()


def test_keys_are_rotated_with_two_root_keys(keys: KeyFolder) -> None:
    before = load_release_keys(keys.release, PASSPHRASE)
    roots = release_roots(keys, PASSPHRASE, ())

    found = _issued(keys, UpdateOrder(NOW, rotate_with=roots[:2]))

    after = load_release_keys(keys.release, PASSPHRASE)
    assert found.root_version == 2
    assert after.root_chain[:1] == before.root_chain
    for role, signer in after.signers.items():
        assert signer.public_key != before.signers[role].public_key
        assert not (keys.release / f"{role}.pem").exists()


def test_one_root_key_rotates_nothing(keys: KeyFolder) -> None:
    one = RootFile(keys.release / "root1.pem", PASSPHRASE)

    with pytest.raises(KeyMaterialError, match="expected 2 root keys"):
        issue_update(keys, PASSPHRASE, UpdateOrder(NOW, rotate_with=(one, one)))

    assert len(load_release_keys(keys.release, PASSPHRASE).root_chain) == 1


def test_an_interrupted_rotation_has_changed_nothing(keys: KeyFolder) -> None:
    """Keys that no root names yet are not used; the next rotation replaces them."""
    before = load_release_keys(keys.release, PASSPHRASE)
    for role in before.signers:
        (keys.release / f"{role}.2.pem").write_bytes(b"half a key")

    assert load_release_keys(keys.release, PASSPHRASE).signers.keys() == (
        before.signers.keys()
    )
    roots = release_roots(keys, PASSPHRASE, ())
    assert _issued(keys, UpdateOrder(NOW, rotate_with=roots)).root_version == 2


def test_the_command_writes_a_file_and_says_what_it_does(keys: KeyFolder) -> None:
    done = _type(
        keys, "--revoke", "1", "--extend-install-by", "2030-05-06",
        "--rotate-online-keys",
    )  # fmt: skip

    found = _opened(keys, read_update(keys.path.parent / "update"))
    assert done.exit_code == 0, done.output
    assert "good          1.2.0, number 2, install by 2030-05-06" in done.output
    assert "revoked       release 1.1.0 (number 1) was revoked" in done.output
    assert (found.version, found.root_version) == (3, 2)


def test_a_file_that_is_there_is_replaced_only_when_told(keys: KeyFolder) -> None:
    (keys.path.parent / "update").write_text("mine")

    assert _type(keys).exit_code == 2
    assert _type(keys, "--replace").exit_code == 0
