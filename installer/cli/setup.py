"""`anechoic setup`: bring the self-contained program from a medium onto the host."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import typer

from appliance.paths import HostPaths
from installer.cli.output import refuse_usage
from installer.engine.durable import sync_directory
from installer.version import PRODUCT_VERSION

__all__ = ["place_program", "setup"]


def setup() -> None:
    """Copy this program from the medium to the host, as the command `anechoic`.

    The medium can then be taken out when everything is loaded. A newer program beside
    an older one takes over the command; running it again is harmless.
    """
    if not getattr(sys, "frozen", False):
        refuse_usage("This program was installed as a Python package; it is in place.")
    paths = HostPaths.from_environment()
    try:
        command = place_program(Path(sys.executable).parent, paths, PRODUCT_VERSION)
    except OSError as error:
        refuse_usage(f"{error.filename}: {error.strerror}. Run it as root.")
    typer.echo(f"anechoic {PRODUCT_VERSION} is now the command {command}")


def place_program(source: Path, paths: HostPaths, version: str) -> Path:
    """Copy a program's folder and point the command at it; both appear whole.

    Returns:
        The command.

    Raises:
        OSError: the host cannot be written.
    """
    target = paths.programs / version
    if source != target:
        partial = target.with_name(f".{version}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(source, partial)
        (partial / "anechoic").chmod(0o755)
        _sync(partial)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    command = paths.command
    command.parent.mkdir(parents=True, exist_ok=True)
    fresh = command.with_name(".anechoic.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target / "anechoic")
    fresh.replace(command)
    sync_directory(command.parent)
    return command


def _sync(folder: Path) -> None:
    """Make a copied tree durable."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with (Path(parent) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_directory(Path(parent))
