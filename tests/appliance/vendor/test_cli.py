"""The vendor's commands, as typed."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from appliance.vendor.cli import app
from appliance.vendor.keys import KeyFolder, KeyFolderError, init_keys
from appliance.vendor.model import ModelFolderError, check_model, model_name
from bundles.errors import KeyMaterialError
from bundles.trust.anchor import TrustAnchor
from bundles.trust.catalog import ListedRelease
from offline_license.armor import Label, unarmor
from offline_license.license import peek_license
from tests.support.licensing import Issuer

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PASSPHRASE = b"six random words in a row"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFolder:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp()) + 60))
    init_keys(tmp_path / "keys", PASSPHRASE, now=NOW)
    (tmp_path / "passphrase").write_bytes(PASSPHRASE + b"\n")
    return KeyFolder(tmp_path / "keys")


def _issue(keys: KeyFolder, request: bytes, *extra: str) -> tuple[int, str, Path]:
    folder = keys.path.parent
    (folder / "host.areq").write_bytes(request)
    output = folder / "host.alic"
    arguments = [
        "license", "issue", "--keys", str(keys.path),
        "--passphrase-file", str(folder / "passphrase"),
        "--request", str(folder / "host.areq"), "--customer", "City Court",
        "--through", "2027-09-30", "--output", str(output), *extra,
    ]  # fmt: skip
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.output, output


def test_keys_init_prints_the_fingerprint_of_the_anchor_it_wrote(
    tmp_path: Path,
) -> None:
    (tmp_path / "p").write_bytes(PASSPHRASE)

    done = CliRunner().invoke(
        app,
        ["keys", "init", str(tmp_path / "k"), "--passphrase-file", str(tmp_path / "p")],
    )

    anchor = TrustAnchor.from_json((tmp_path / "k/trust-anchor.json").read_bytes())
    assert done.exit_code == 0
    assert anchor.fingerprint in done.output


def test_keys_are_never_made_over_others(keys: KeyFolder) -> None:
    with pytest.raises(KeyFolderError):
        init_keys(keys.path, PASSPHRASE, now=NOW)


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyMaterialError):
        init_keys(tmp_path / "keys", b"short", now=NOW)


def test_private_keys_are_encrypted_and_for_the_owner_only(keys: KeyFolder) -> None:
    files = [*keys.path.rglob("*.pem")]

    assert len(files) == 15
    assert all(b"ENCRYPTED PRIVATE KEY" in file.read_bytes() for file in files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_license_answers_the_request_of_one_host(keys: KeyFolder) -> None:
    issuer = Issuer()

    status, output, path = _issue(keys, issuer.request_bytes())

    license_ = peek_license(unarmor(path.read_bytes(), Label.LICENSE))
    assert status == 0, output
    assert license_.install_key == issuer.install_public
    assert "valid through  2027-09-30" in output


def test_a_license_file_is_not_replaced_by_accident(keys: KeyFolder) -> None:
    request = Issuer().request_bytes()
    _issue(keys, request)

    again, _, _ = _issue(keys, request)
    replaced, _, _ = _issue(keys, request, "--replace")

    assert (again, replaced) == (2, 0)


def test_the_passphrase_shows_nowhere(keys: KeyFolder) -> None:
    _, output, path = _issue(keys, Issuer().request_bytes())

    assert PASSPHRASE.decode() not in output
    assert PASSPHRASE not in path.read_bytes()


def test_release_sequences_count_on(keys: KeyFolder) -> None:
    listed = ListedRelease(7, "1.2.0", "0" * 64, 1, NOW)
    keys.releases.add_release(listed, NOW, version=7)

    assert keys.releases.next_sequence() == 8


def test_a_folder_without_a_tokenizer_is_no_model(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "vocabulary.json"):
        (tmp_path / name).touch()

    with pytest.raises(ModelFolderError, match=r"tokenizer\.json"):
        check_model(tmp_path)


def test_a_model_without_a_manifest_is_named_after_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "Whisper Large (v3)"
    folder.mkdir()

    assert model_name(folder) == "whisper-large-v3"
