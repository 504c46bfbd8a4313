"""The operator's program as a folder that needs nothing of its host but glibc.

PyInstaller collects interpreter, wheels and our packages into one folder. It is built
in an environment of its own from hashed wheels, so that nothing of the build machine
but its Python interpreter gets in; the oldest glibc it runs on is read from its files.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.images.programs import SOURCES
from appliance.images.wheels import TARGET_PLATFORM
from appliance.process import run
from bundles.documents import ProgramSource

__all__ = ["operator_program"]

_PACKAGES: Final = ("installer", "appliance", "bundles", "offline_license")
_GLIBC: Final = re.compile(rb"GLIBC_(\d+)\.(\d+)")
_NAME: Final = "anechoic"
_FIXED: Final = {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1750000000"}


def operator_program(cache: Path) -> ProgramSource:
    """Build the program, once for the same sources and wheels.

    Raises:
        CommandError: uv or PyInstaller failed; its last lines are the evidence.
    """
    target = cache.absolute() / f"operator-{_inputs_digest()}"
    if not target.exists():
        partial = target.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        run(_command(_environment(cache.absolute()), partial), environment=_variables())
        (partial / "dist" / _NAME).rename(target)
        shutil.rmtree(partial)
    return ProgramSource(target, _oldest_glibc(target))


def _inputs_digest() -> str:
    state = hashlib.sha256(sys.version.encode() + TARGET_PLATFORM.encode())
    for path in (*_locks(), *_sources()):
        state.update(path.name.encode() + b"\0" + path.read_bytes())
    return state.hexdigest()[:12]


def _locks() -> tuple[Path, ...]:
    return tuple(
        SOURCES / "requirements" / name for name in ("installer.txt", "program.txt")
    )


def _sources() -> Iterator[Path]:
    for package in _PACKAGES:
        for path in sorted((SOURCES / package).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                yield path


def _environment(cache: Path) -> Path:
    """Return the interpreter of an environment with the hashed wheels, made once."""
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in _locks()))
    folder = cache / f"operator-venv-{digest.hexdigest()[:12]}"
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        run([*uv, "venv", "--quiet", f"--python={sys.executable}", str(partial)])
        options = ["--quiet", "--require-hashes", "--only-binary=:all:"]
        options += [f"--python-platform={TARGET_PLATFORM}", "--link-mode=copy"]
        options += [f"--requirements={lock}" for lock in _locks()]
        python = f"--python={partial / 'bin/python'}"
        run([*uv, "pip", "install", python, *options], environment=dict(os.environ))
        partial.rename(folder)
    return folder / "bin/python"


def _command(python: Path, work: Path) -> list[str]:
    collected = [f"--collect-submodules={name}" for name in ("installer", "uvicorn")]
    collected += [f"--collect-data={name}" for name in ("installer", "textual")]
    probe = SOURCES / "appliance/probe.py"
    return [
        str(python),
        "-m",
        "PyInstaller",
        "--onedir",
        "--strip",
        "--noconfirm",
        "--log-level=ERROR",
        f"--name={_NAME}",
        f"--paths={SOURCES}",
        f"--add-data={probe}:appliance",
        f"--distpath={work / 'dist'}",
        f"--workpath={work / 'work'}",
        f"--specpath={work}",
        *collected,
        "--collect-submodules=textual",
        str(SOURCES / "installer/__main__.py"),
    ]


def _variables() -> dict[str, str]:
    return {**os.environ, **_FIXED}


def _oldest_glibc(folder: Path) -> str:
    """Return the highest version of a glibc symbol that any file asks for."""
    versions = [(2, 17)]
    for path in folder.rglob("*"):
        if path.is_file() and path.read_bytes()[:4] == b"\x7fELF":
            shown = subprocess.run(
                ["objdump", "-T", str(path)], capture_output=True, check=True
            ).stdout
            versions += [(int(a), int(b)) for a, b in _GLIBC.findall(shown)]
    return ".".join(map(str, max(versions)))
