"""Writing that a power cut cannot spoil.

One file is replaced by a temporary one, made durable, and one rename. Two slots are
replaced in turn: each carries a counter and a MAC, and the valid one with the higher
counter counts, so that a crash or a damaged disk block leaves the older or the newer.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.license_files import read_small
from offline_license.errors import DecodeError, LicenseError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Found", "TwoSlots", "sync_folder", "write_durably"]

_MAC_BYTES = 32
_COUNTER_BYTES = 8
_MAX_BYTES = 1 << 20


def write_durably(path: Path, data: bytes) -> None:
    """Replace a file so that a crash leaves the old or the new content.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    temporary = path.with_suffix(path.suffix + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Found:
    """What two slots held: the newest valid body, and whether one was damaged."""

    body: bytes | None
    damaged: bool


@dataclass(slots=True)
class TwoSlots:
    """Two slots of one name in one folder.

    Attributes:
        directory: writable by the program alone.
        name: the files are ``NAME.a`` and ``NAME.b``; it also enters the MAC.
        secret: any bytes that others do not know; the MAC key is derived from it.
    """

    directory: Path
    name: str
    secret: bytes = field(repr=False)
    _counter: int = field(default=0, init=False)

    def load(self) -> Found:
        """Return the newest body whose MAC is right."""
        whole, damaged = [(0, b"")], False
        for path in self._paths():
            try:
                whole.append(self._read(path))
            except LicenseError:
                damaged = True
            except OSError:
                continue
        self._counter, body = max(whole)
        return Found(body if self._counter else None, damaged)

    def save(self, body: bytes) -> None:
        """Write a body into the older slot.

        Raises:
            OSError: the disk is full or cannot be written, or the body is too large.
        """
        if len(body) > _MAX_BYTES - _MAC_BYTES - _COUNTER_BYTES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), self.name)
        counter = self._counter + 1
        counted = counter.to_bytes(_COUNTER_BYTES, "big") + body
        write_durably(self._paths()[counter % 2], self._mac(counted) + counted)
        self._counter = counter

    def _paths(self) -> tuple[Path, Path]:
        return self.directory / f"{self.name}.a", self.directory / f"{self.name}.b"

    def _mac(self, counted: bytes) -> bytes:
        label = b"anx-" + self.name.encode() + b"\0"
        key = hashlib.sha256(label + self.secret).digest()
        return hmac.digest(key, counted, hashlib.sha256)

    def _read(self, path: Path) -> tuple[int, bytes]:
        """Return counter and body of one slot."""
        data = read_small(path, _MAX_BYTES)
        mac, counted = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(counted)):
            raise DecodeError(f"{path.name}: expected another MAC")
        counter, body = counted[:_COUNTER_BYTES], counted[_COUNTER_BYTES:]
        return int.from_bytes(counter, "big"), body
