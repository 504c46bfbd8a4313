import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from tuf.api.metadata import Metadata, Root

from bundles.errors import KeyMaterialError
from bundles.keys import create_release_keys, load_release_keys
from tests.support.media import CREATED, PASSPHRASE, MediumFactory

EXPIRES = CREATED + timedelta(days=3650)


def test_keys_are_files_that_only_their_owner_can_read(factory: MediumFactory) -> None:
    files = sorted(factory.keys_dir.glob("*.pem"))

    assert [path.stem for path in files] == [
        "licensing",
        "root1",
        "root2",
        "root3",
        "snapshot",
        "targets",
        "timestamp",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(factory.keys_dir.stat().st_mode) == 0o700


def test_keys_are_encrypted_on_disk(factory: MediumFactory) -> None:
    for path in factory.keys_dir.glob("*.pem"):
        assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_the_root_wants_two_of_three_signatures(factory: MediumFactory) -> None:
    root = Metadata[Root].from_bytes(factory.keys.newest_root)

    role = root.signed.roles["root"]
    assert (role.threshold, len(role.keyids), len(root.signatures)) == (2, 3, 3)
    assert not set(role.keyids) & set(root.signed.roles["targets"].keyids)


def test_a_release_is_signed_without_the_root_keys_at_hand(
    factory: MediumFactory,
) -> None:
    for path in factory.keys_dir.glob("root?.pem"):
        path.unlink()

    keys = load_release_keys(factory.keys_dir, PASSPHRASE)

    assert keys.root_chain == factory.keys.root_chain
    assert sorted(keys.signers) == ["licensing", "snapshot", "targets", "timestamp"]


def test_a_wrong_passphrase_is_said_without_the_passphrase(
    factory: MediumFactory,
) -> None:
    with pytest.raises(KeyMaterialError, match="cannot decrypt") as caught:
        load_release_keys(factory.keys_dir, b"wrong passphrase")

    assert "wrong passphrase" not in f"{caught.value}{caught.value.evidence}"
    assert caught.value.code == "ANX-MED-20"


def test_a_missing_key_is_named(factory: MediumFactory) -> None:
    (factory.keys_dir / "targets.pem").unlink()

    with pytest.raises(KeyMaterialError, match=r"targets\.pem"):
        load_release_keys(factory.keys_dir, PASSPHRASE)


def test_a_missing_root_is_named(factory: MediumFactory) -> None:
    (factory.keys_dir / "root/1.root.json").unlink()

    with pytest.raises(KeyMaterialError, match=r"1\.root\.json"):
        load_release_keys(factory.keys_dir, PASSPHRASE)


def test_a_chain_of_too_many_roots_is_refused(factory: MediumFactory) -> None:
    for version in range(1, 258):
        (factory.keys_dir / f"root/{version}.root.json").write_bytes(b"{}")

    with pytest.raises(KeyMaterialError, match="at most 256 roots"):
        load_release_keys(factory.keys_dir, PASSPHRASE)


def test_a_key_of_another_kind_is_refused(factory: MediumFactory) -> None:
    other = Ed448PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE)
    )
    (factory.keys_dir / "targets.pem").write_bytes(other)

    with pytest.raises(KeyMaterialError, match="expected an Ed25519 key"):
        load_release_keys(factory.keys_dir, PASSPHRASE)


def test_keys_are_never_overwritten(factory: MediumFactory) -> None:
    with pytest.raises(KeyMaterialError, match="empty folder"):
        create_release_keys(factory.keys_dir, PASSPHRASE, root_expires=EXPIRES)


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyMaterialError, match="at least 12 bytes, found 5"):
        create_release_keys(tmp_path / "keys", b"short", root_expires=EXPIRES)
    assert not (tmp_path / "keys").exists()


def test_keys_do_not_show_in_a_representation(factory: MediumFactory) -> None:
    assert repr(factory.keys) == "ReleaseKeys()"
