"""Files that survive power loss: written whole, synced, then renamed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from installer.errors import BUSY, InstallerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Access", "HostFiles", "exclusive", "sync_directory"]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a file or folder."""

    mode: int
    user: int = 0
    group: int = 0


PUBLIC_FOLDER = Access(0o755)
PRIVATE_FOLDER = Access(0o700)
PUBLIC_FILE = Access(0o644)
PRIVATE_FILE = Access(0o600)


def sync_directory(path: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class HostFiles:
    """Writes files and folders with exact modes and owners.

    Attributes:
        chown: changes an owner; tests without root pass one that does nothing.
    """

    chown: Callable[[Path, int, int], None] = os.chown

    def directory(self, path: Path, access: Access = PUBLIC_FOLDER) -> None:
        """Have a folder with exactly this access."""
        path.mkdir(parents=True, exist_ok=True)
        self.chown(path, access.user, access.group)
        path.chmod(access.mode)

    def write(self, path: Path, data: bytes, access: Access = PUBLIC_FILE) -> None:
        """Replace a file at once; a reader sees the old bytes or the new ones."""
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                self.chown(temporary, access.user, access.group)
                temporary.chmod(access.mode)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
            raise
        sync_directory(path.parent)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock file; it falls with the process.

    Raises:
        InstallerError: another process holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InstallerError(BUSY, f"{path} is locked") from None
        yield
    finally:
        os.close(handle)
