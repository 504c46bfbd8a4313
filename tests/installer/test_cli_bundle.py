"""`anechoic bundle` on real media, without an engine."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from appliance.paths import HostPaths
from bundles.updates import open_update, pin_update
from installer.cli.app import app
from installer.engine.anchors import pin_anchor
from installer.errors import NO_TRUST
from tests.support.deltas import DeltaVendor
from tests.support.media import MediumFactory
from tests.support.trust_updates import UpdateDesk


@pytest.fixture
def factory(tmp_path: Path) -> MediumFactory:
    factory = MediumFactory(tmp_path / "vendor")
    factory.build()
    (tmp_path / "anchor.json").write_bytes(factory.anchor.to_json())
    return factory


@pytest.fixture
def medium(factory: MediumFactory) -> Path:
    return factory.build("carried").path


def _run(verb: str, medium: Path, *arguments: str) -> Result:
    trust = medium.parents[1] / "anchor.json"
    every = ["bundle", verb, str(medium), "--trust", str(trust), *arguments]
    return CliRunner().invoke(app, every)


def test_a_medium_tells_what_it_holds_and_who_signed(medium: Path) -> None:
    done = _run("inspect", medium)

    assert done.exit_code == 0, done.output
    for word in ("release", "install by", "signed", "image", "model", "README.txt"):
        assert word in done.output


def test_the_release_is_there_for_programs_too(medium: Path) -> None:
    done = _run("inspect", medium, "--json")

    assert json.loads(done.output)["product_version"]


def test_a_whole_medium_is_called_intact(medium: Path) -> None:
    done = _run("verify", medium)

    assert (done.exit_code, done.output.strip()) == (0, "Release 1.0.0 is intact.")


def test_what_the_host_remembers_counts_unless_an_anchor_is_given(
    medium: Path,
    factory: MediumFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANECHOIC_ROOT", str(tmp_path))
    paths = HostPaths(tmp_path)
    pin_anchor(paths, factory.anchor)
    update = UpdateDesk(factory).update(7, revoked=[factory.build("again")])
    pin_update(open_update(update, anchor=factory.anchor, now=factory.now), paths.tuf)

    done = CliRunner().invoke(app, ["bundle", "verify", str(medium)])

    assert done.exit_code == 4
    assert "ANX-MED-30" in done.output
    assert _run("verify", medium).exit_code == 0


def test_every_damaged_file_is_named(medium: Path) -> None:
    blob = max((medium / "oci/blobs/sha256").iterdir(), key=lambda p: p.stat().st_size)
    blob.write_bytes(bytes(blob.stat().st_size))

    done = _run("verify", medium, "--json")

    assert done.exit_code == 4, done.output
    assert blob.name in json.loads(done.output)["finding"]["evidence"]


def test_without_an_anchor_nothing_is_read(
    medium: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANECHOIC_ROOT", str(tmp_path / "host"))

    done = CliRunner().invoke(app, ["bundle", "inspect", str(medium), "--json"])

    assert json.loads(done.output)["finding"]["code"] == NO_TRUST.code


@pytest.fixture
def delta(factory: MediumFactory) -> Path:
    return DeltaVendor(factory).upgrade()[2].path


def test_a_delta_says_for_whom_it_is_and_what_it_leaves_out(delta: Path) -> None:
    done = _run("inspect", delta)

    assert done.exit_code == 0, done.output
    assert "delta        for release 1.0.0 (number 1), without 2 files" in done.output


def test_a_delta_is_intact_on_a_laptop_that_has_nothing(delta: Path) -> None:
    done = _run("verify", delta)

    assert done.exit_code == 0, done.output
    assert "The delta medium of release 2.0.0 is intact." in done.output
    assert done.output.count("left out  ") == 2


def test_programs_get_the_list_too(delta: Path) -> None:
    verified = json.loads(_run("verify", delta, "--json").output)
    inspected = json.loads(_run("inspect", delta, "--json").output)

    paths = [one["path"] for one in inspected["delta"]["left_out"]]
    assert verified["left_out"] == paths
