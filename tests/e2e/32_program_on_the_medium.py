"""The operator's program of a medium runs on a host that has only the C library."""

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.phases import ROOT
from tests.demo.vendor import Vendor

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]


@pytest.fixture(scope="module")
def bare(vendor: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root folder with glibc, and the medium mounted read-only in it."""
    root = tmp_path_factory.mktemp("bare")
    tar = next((ROOT / "build/cache").glob("rootfs-redis-*.tar"))
    with tarfile.open(tar) as archive:
        archive.extractall(root, filter="tar")
    for folder in ("medium", "tmp", "proc", "dev"):
        (root / folder).mkdir(exist_ok=True)
    shutil.copy(vendor.anchor, root / "anchor.json")
    mount = ["mount", "--bind", str(vendor.medium), str(root / "medium")]
    subprocess.run(mount, check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(root / "medium")], check=True)
    yield root
    subprocess.run(["umount", str(root / "medium")], check=True)


def _inside(root: Path, *command: str) -> str:
    done = subprocess.run(
        ["/usr/sbin/chroot", str(root), *command],
        env={"PATH": "/usr/local/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
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

    shown = _inside(bare, "/usr/local/bin/anechoic", "status", "--json")
    _inside(bare, "/usr/local/bin/anechoic", "engine", "stop")

    assert '"installed":false' in shown.replace(" ", "")
