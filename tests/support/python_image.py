"""A small image that can run Python, made from this machine's own Debian files.

For tests of engine adapters, firewall and isolation: no registry, no build.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

__all__ = ["REFERENCE", "import_python_image", "remove_image"]

REFERENCE = "test.invalid/python:1"
_PYTHON = Path("/usr/bin/python3.11")
_STDLIB = Path("/usr/lib/python3.11")
_SKIPPED = {"test", "idlelib", "lib2to3", "pydoc_data", "ensurepip", "dist-packages"}


def _files() -> Iterator[Path]:
    yield _PYTHON
    modules = [*_STDLIB.glob("lib-dynload/*.so")]
    words = subprocess.run(
        ["ldd", _PYTHON, *modules], capture_output=True, text=True, check=True
    ).stdout.split()
    yield from sorted(
        {Path(word) for word in words if word.startswith("/lib")} - {Path()}
    )
    for path in sorted(_STDLIB.rglob("*")):
        parts = set(path.relative_to(_STDLIB).parts)
        if path.is_file() and not parts & (_SKIPPED | {"__pycache__"}):
            yield path


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as archive:
        for path in _files():
            if path.exists():
                archive.add(path)
    return buffer.getvalue()


def import_python_image(client: APIClient) -> str:
    """Have the image in the engine and return its id."""
    found = client.images(name=REFERENCE)
    if not found:
        name, tag = REFERENCE.rsplit(":", 1)
        client.import_image_from_data(_tar(), repository=name, tag=tag)
        found = client.images(name=REFERENCE)
    return str(found[0]["Id"])


def remove_image(client: APIClient) -> None:
    """Remove the image."""
    client.remove_image(REFERENCE, force=True)
