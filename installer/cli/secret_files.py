"""Files that a command writes for its user."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer.cli.output import refuse_usage

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_bytes_new", "write_new"]


def write_new(
    path: Path, text: str, *, secret: bool = False, replace: bool = False
) -> None:
    """Write a new text file, or end with a usage error when it is there already."""
    write_bytes_new(path, text.encode(), secret=secret, replace=replace)


def write_bytes_new(
    path: Path, data: bytes, *, secret: bool = False, replace: bool = False
) -> None:
    """Write a new file, or end with a usage error when it is there already."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replace else os.O_EXCL)
    try:
        handle = os.open(path, flags, 0o600 if secret else 0o644)
    except FileExistsError:
        refuse_usage(f"{path} is there already; choose another name.")
    except OSError as error:
        refuse_usage(f"{path}: {error.strerror}")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
