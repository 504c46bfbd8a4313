"""The self-contained program: how it calls itself, and how it gets onto the host."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from appliance.paths import HostPaths
from installer.cli.app import app
from installer.cli.setup import place_program
from installer.connection import spawn_engine
from installer.errors import InstallerError
from installer.programs import program_of, run_module, runs_from_elsewhere


@pytest.fixture
def paths(tmp_path: Path) -> HostPaths:
    return HostPaths(tmp_path / "host")


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """A program on a medium that does not keep who may run what."""
    folder = tmp_path / "medium/program"
    (folder / "_internal").mkdir(parents=True)
    (folder / "anechoic").write_text("#!/bin/sh\necho one\n")
    (folder / "_internal/lib.so").write_text("library")
    return folder


@pytest.fixture
def frozen(carried: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(carried / "anechoic"))


def test_the_command_runs_the_copy(paths: HostPaths, carried: Path) -> None:
    command = place_program(carried, paths, "1.0.0")

    shown = subprocess.run([command], capture_output=True, check=True).stdout
    assert shown == b"one\n"
    assert (paths.programs / "1.0.0/_internal/lib.so").read_text() == "library"


def test_a_newer_program_takes_over_the_command(
    paths: HostPaths, carried: Path
) -> None:
    place_program(carried, paths, "1.0.0")

    command = place_program(carried, paths, "1.1.0")

    assert command.resolve() == paths.programs / "1.1.0/anechoic"
    assert (paths.programs / "1.0.0/anechoic").exists()


def test_a_half_copied_program_is_replaced(paths: HostPaths, carried: Path) -> None:
    half = paths.programs / ".1.0.0.partial"
    half.mkdir(parents=True)

    place_program(carried, paths, "1.0.0")

    assert [one.name for one in paths.programs.iterdir()] == ["1.0.0"]


def test_setting_up_from_its_place_changes_no_file(
    paths: HostPaths, carried: Path
) -> None:
    place_program(carried, paths, "1.0.0")
    there = paths.programs / "1.0.0"
    before = (there / "anechoic").stat()

    place_program(there, paths, "1.0.0")

    assert (there / "anechoic").stat() == before


@pytest.mark.usefixtures("frozen")
def test_the_engine_does_not_start_from_a_medium(paths: HostPaths) -> None:
    with pytest.raises(InstallerError) as refused:
        spawn_engine(paths)

    assert refused.value.code == "ANX-OP-29"


@pytest.mark.usefixtures("frozen")
def test_the_self_contained_program_calls_itself(carried: Path) -> None:
    command = program_of("installer.nvml.child")

    assert command[0] == str(carried / "anechoic")
    assert command[-1] == "installer.nvml.child"
    assert runs_from_elsewhere(Path("/opt/anechoic"))
    assert not runs_from_elsewhere(carried)


def test_only_our_own_programs_are_run() -> None:
    with pytest.raises(ValueError, match=r"found 'http\.server'"):
        run_module("http.server")


def test_a_python_package_needs_no_setup() -> None:
    done = CliRunner().invoke(app, ["setup"])

    assert done.exit_code == 2
    assert "in place" in done.output
