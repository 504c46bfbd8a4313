"""The wheel and one lock are enough for each program: nothing leans on the test tools."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.demo.phases import ROOT

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("packages")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps",
         "--no-build-isolation", "--wheel-dir", str(target), str(ROOT))  # fmt: skip
    return next(target.glob("anechoic-*.whl"))


def _installed(wheel: Path, extra: str, folder: Path) -> Path:
    """Install the wheel with the lock of one extra alone; return its programs."""
    environment = folder / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet",
               "--python", str(environment / "bin/python")]  # fmt: skip
    lock = ROOT / f"requirements/{extra}.txt"
    _run(*install, "--require-hashes", "--requirements", str(lock))
    _run(*install, "--no-deps", str(wheel))
    return environment / "bin"


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_operators_programs_need_their_extra_only(
    wheel: Path, tmp_path: Path
) -> None:
    programs = _installed(wheel, "installer", tmp_path)

    everything = (
        "import installer.engine.daemon, installer.tui.run, installer.dashboard"
    )
    _run(programs / "python", "-c", everything, cwd=tmp_path)
    shown = _run(programs / "anechoic", "--help", cwd=tmp_path)

    assert "install" in shown


def test_the_vendors_program_needs_its_extra_only(wheel: Path, tmp_path: Path) -> None:
    programs = _installed(wheel, "vendor", tmp_path)

    shown = _run(programs / "anechoic-vendor", "release", "build", "--help")

    assert "--model" in shown


def test_the_wheel_carries_every_asset_of_the_operators_program(wheel: Path) -> None:
    folders = [ROOT / "installer", ROOT / "appliance/images"]
    assets = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }

    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())

    assert assets - carried == set()
