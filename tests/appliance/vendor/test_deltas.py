"""Delta media as the vendor orders them, from everything that `--since` may name."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from appliance.images.build import ReleaseImages
from appliance.vendor.cli import app
from appliance.vendor.deltas import basis_of, keep_description
from appliance.vendor.keys import KeyFolder, init_keys
from bundles.documents import ProgramSource
from bundles.errors import BuildError, PassportError, ReleaseError
from bundles.keys import ROOT_KEYS, load_signers, rotate_online_keys
from bundles.medium import VerifiedMedium, open_medium, verify_payload
from bundles.oci import (
    ImageConfig,
    ImageSpec,
    MemoryLayer,
    write_image,
    write_layer,
)
from bundles.passport import Passport, PassportEngine
from bundles.trust.anchor import TrustAnchor
from tests.support.media import CREATED, MediumFactory

PASSPHRASE = b"six random words in a row"


@dataclass
class Desk:
    """A vendor whose images are tiny and whose program is one file."""

    keys: KeyFolder
    words: str = "words"

    @property
    def root(self) -> Path:
        return self.keys.path.parent

    def images(self, layout: Path, *_: object, **__: object) -> ReleaseImages:
        layers = [
            write_layer(layout, MemoryLayer({"base/file": b"base" * 4096}, "base")),
            write_layer(layout, MemoryLayer({"app": self.words.encode()}, "app")),
        ]
        spec = ImageSpec("api", "anechoic.invalid/anechoic/api:1", ImageConfig())
        image = write_image(layout, spec, layers, created=CREATED)
        return ReleaseImages(images=(image,), sboms={})

    def build(self, version: str, *extra: str) -> Result:
        arguments = [
            "build", "--model", str(self.root / "model"), "--version", version,
            "--output", str(self.root / version), "--cache", str(self.root / "cache"),
        ]  # fmt: skip
        return self.run(*arguments, *extra)

    def run(self, *arguments: str) -> Result:
        keys = ["--keys", str(self.keys.path)]
        passphrase = ["--passphrase-file", str(self.root / "passphrase")]
        return CliRunner().invoke(app, ["release", *arguments, *keys, *passphrase])

    def open(self, folder: str) -> VerifiedMedium:
        anchor = TrustAnchor.from_json(self.keys.anchor.read_bytes())
        return open_medium(self.root / folder, anchor=anchor, now=datetime.now(UTC))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    init_keys(tmp_path / "keys", PASSPHRASE, now=CREATED)
    (tmp_path / "passphrase").write_bytes(PASSPHRASE)
    (tmp_path / "program").mkdir()
    (tmp_path / "program/anechoic").write_bytes(b"program")
    (tmp_path / "model").mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (tmp_path / "model" / name).write_bytes(name.encode() * 4096)
    desk = Desk(KeyFolder(tmp_path / "keys"))
    program = ProgramSource(tmp_path / "program", "2.28")
    monkeypatch.setattr("appliance.vendor.release.build_images", desk.images)
    monkeypatch.setattr("appliance.vendor.release.operator_program", lambda _: program)
    return desk


@pytest.fixture
def two(desk: Desk) -> Desk:
    """The desk after two releases."""
    for number in (1, 2):
        desk.words = f"words of release {number}"
        done = desk.build(f"{number}.0.0")
        assert done.exit_code == 0, done.output
    return desk


@pytest.mark.parametrize("since", ["1", "{root}/1.0.0", "{root}/1.0.0/release/*"])
def test_a_release_is_built_since_an_earlier_one(two: Desk, since: str) -> None:
    wanted = since.format(root=two.root)
    if wanted.endswith("*"):
        wanted = str(next(Path(wanted).parent.glob("*release.json")))
    two.words = "words of release 3"

    done = two.build("3.0.0", "--since", wanted)

    assert done.exit_code == 0, done.output
    assert "for release 1.0.0 (number 1)" in done.output
    medium = two.open("3.0.0")
    assert medium.delta is not None
    assert medium.release.release_seq == 3
    assert len(medium.delta.delta.left_out) == 5
    assert verify_payload(medium) == ()


def test_only_the_delta_stays(two: Desk) -> None:
    two.build("3.0.0", "--since", "1")

    assert not [one.name for one in two.root.iterdir() if one.name.startswith(".")]


def test_a_delta_of_a_full_medium_is_made_without_building_again(two: Desk) -> None:
    delta, full = two.root / "delta", two.root / "2.0.0"

    done = two.run("delta", "--of", str(full), "--since", "1", "--output", str(delta))

    assert done.exit_code == 0, done.output
    assert "left out  5 files" in done.output
    assert two.open("delta").release_json == two.open("2.0.0").release_json


def test_a_delta_for_a_passport(two: Desk) -> None:
    chains = tuple(image.diff_ids for image in two.open("1.0.0").release.images)
    passport = Passport(
        written=CREATED,
        release=None,
        engine=PassportEngine(name="docker", version="20.10.24", store="overlay2"),
        chains=chains,
        model_files=(),
    )
    (two.root / "host.json").write_bytes(passport.to_json())

    done = two.run(
        "delta", "--of", str(two.root / "2.0.0"), "--since", str(two.root / "host.json"),
        "--output", str(two.root / "delta"),
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "left out  1 file," in done.output
    assert "for the host of passport" in done.output


def test_a_damaged_full_medium_is_refused(two: Desk) -> None:
    (two.root / "2.0.0/README.txt").write_bytes(b"something else")

    done = two.run(
        "delta", "--of", str(two.root / "2.0.0"), "--since", "1",
        "--output", str(two.root / "delta"),
    )  # fmt: skip

    assert done.exit_code != 0
    assert isinstance(done.exception, BuildError)
    assert not (two.root / "delta").exists()


def test_a_full_medium_of_rotated_keys_gives_no_delta(two: Desk) -> None:
    roots = load_signers(two.keys.release, ROOT_KEYS, PASSPHRASE)
    rotate_online_keys(
        two.keys.release,
        PASSPHRASE,
        root_signers=list(roots.values()),
        expires=datetime.now(UTC) + timedelta(days=999),
    )

    done = two.run(
        "delta", "--of", str(two.root / "2.0.0"), "--since", "1",
        "--output", str(two.root / "delta"),
    )  # fmt: skip

    assert isinstance(done.exception, BuildError)
    assert "build release 2 again" in str(done.exception)


def test_a_newer_host_is_refused_before_anything_is_built(two: Desk) -> None:
    done = two.build("1.0.1", "--sequence", "1", "--since", "2")

    assert isinstance(done.exception, PassportError)
    assert not (two.root / "1.0.1").exists()


def test_a_release_without_a_record_is_named(desk: Desk) -> None:
    with pytest.raises(BuildError, match="a record of release 7"):
        basis_of("7", desk.keys)


def test_what_names_nothing_is_refused(desk: Desk) -> None:
    with pytest.raises(BuildError, match="expected a passport, a medium"):
        basis_of(str(desk.root / "nothing"), desk.keys)


def test_a_folder_that_is_no_medium_is_refused(desk: Desk) -> None:
    with pytest.raises(BuildError, match="expected one release"):
        basis_of(str(desk.root / "model"), desk.keys)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"not JSON", PassportError),
        (b'{"a":1,"a":2}', PassportError),
        (b'{"kind":"passport"}', PassportError),
        (b'{"images":[],"release_seq":1}', ReleaseError),
    ],
)
def test_a_damaged_file_is_refused(
    desk: Desk, data: bytes, error: type[Exception]
) -> None:
    (desk.root / "file").write_bytes(data)

    with pytest.raises(error):
        basis_of(str(desk.root / "file"), desk.keys)


def test_a_huge_file_is_not_read(desk: Desk) -> None:
    with (desk.root / "file").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(BuildError, match="expected at most"):
        basis_of(str(desk.root / "file"), desk.keys)


def test_the_record_of_a_release_is_its_signed_description(
    desk: Desk, tmp_path: Path
) -> None:
    release = MediumFactory(tmp_path / "other").build().release
    keep_description(desk.keys, release)

    kept = desk.keys.path / "releases/1.release.json"

    assert kept.read_bytes() == release.to_json()
