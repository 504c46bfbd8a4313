"""`anechoic passport`, against the engine's real API over a fake host."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundles.passport import parse_passport
from installer.exit_codes import ExitCode
from tests.support.desk import Desk, engine_of
from tests.support.fake_site import FakeSite

LAYER = f"sha256:{1:064x}"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSite]:
    monkeypatch.setenv("ANECHOIC_ROOT", str(tmp_path))
    fake = FakeSite(tmp_path)
    fake.engine.images["sha256:api"] = (LAYER,)
    with engine_of(fake.site()):
        yield fake


@pytest.mark.usefixtures("fake")
def test_the_file_tells_what_is_here(tmp_path: Path) -> None:
    result = Desk().run("passport", "--output", str(tmp_path / "host.json"))

    assert result.exit_code == ExitCode.OK, result.output
    assert "no installed release, 1 image, 0 model files" in result.output
    assert parse_passport((tmp_path / "host.json").read_bytes()).chains == ((LAYER,),)


@pytest.mark.usefixtures("fake")
def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "host.json"
    target.write_text("mine")

    refused = Desk().run("passport", "--output", str(target))
    forced = Desk().run("passport", "--output", str(target), "--force", "--json")

    assert refused.exit_code == ExitCode.USAGE
    assert json.loads(forced.stdout)["images"] == 1
    assert parse_passport(target.read_bytes())


def test_the_installed_release_is_named(tmp_path: Path, fake: FakeSite) -> None:
    assert Desk().run("install", "/media/release", "--license", "/m/x.alic")
    fake.engine.images = {"sha256:api": (LAYER,)}

    result = Desk().run("passport", "--output", str(tmp_path / "host.json"), "--json")

    number = fake.world.medium.summary.release_seq
    assert json.loads(result.stdout)["release_seq"] == number
