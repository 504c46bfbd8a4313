"""The operator's program of a medium runs on a host that has only the C library."""

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from installer.exit_codes import ExitCode
from tests.demo.phases import ROOT
from tests.demo.vendor import Vendor

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]


@pytest.fixture(scope="module")
def bare(vendor: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root with glibc, /proc and a container engine, and the medium read-only in it."""
    root = tmp_path_factory.mktemp("bare")
    tar = next((ROOT / "build/cache").glob("rootfs-redis-*.tar"))
    with tarfile.open(tar) as archive:
        archive.extractall(root, filter="tar")
    for folder in ("medium", "tmp", "proc", "dev", "var/run"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    engine = root / "var/run/docker.sock"
    engine.touch()
    shutil.copy(vendor.anchor, root / "anchor.json")
    medium = str(root / "medium")
    for options in (
        ["-t", "proc", "proc", str(root / "proc")],
        ["--bind", str(vendor.medium), medium],
        ["-o", "remount,bind,ro", medium],
        ["--bind", "/var/run/docker.sock", str(engine)],
    ):
        subprocess.run(["mount", *options], check=True)
    yield root
    subprocess.run(["umount", medium, str(root / "proc"), str(engine)], check=True)


def _inside(root: Path, *command: str, status: int = 0) -> str:
    done = subprocess.run(
        ["/usr/sbin/chroot", str(root), *command],
        env={"PATH": "/usr/local/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done
    return done.stdout


def test_it_starts_without_python_and_reads_the_medium(bare: Path) -> None:
    assert not list(bare.glob("usr/bin/python*"))

    shown = _inside(
        bare, "/medium/program/anechoic", "bundle", "inspect", "/medium",
        "--trust", "/anchor.json",
    )  # fmt: skip

    assert "sbom/asr.cdx.json" in shown


def test_setup_brings_the_command_and_it_works_without_the_medium(bare: Path) -> None:
    _inside(bare, "/medium/program/anechoic", "setup")

    assert _inside(bare, "/usr/local/bin/anechoic", "--version").startswith("anechoic ")


def test_the_engine_of_the_copy_answers(bare: Path) -> None:
    _inside(bare, "/medium/program/anechoic", "setup")

    shown = _inside(
        bare, "/usr/local/bin/anechoic", "status", "--json",
        status=ExitCode.NOT_READY,
    )  # fmt: skip
    _inside(bare, "/usr/local/bin/anechoic", "engine", "stop")

    assert '"installed":false' in shown.replace(" ", "")
