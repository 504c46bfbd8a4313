"""The files of the ledger: one of records, and two slots for the open hour."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from appliance.license_proxy.durable import TwoSlots, sync_folder
from offline_license.keys import private_key_pem
from offline_license.ledger import SLOT_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from offline_license.keys import Ed25519PrivateKey

__all__ = ["BookFiles", "Files", "NoFiles"]


class Files(Protocol):
    """What the book needs of a disk; each method can raise OSError."""

    def read_records(self) -> bytes:
        """Return every record."""

    def write_records(self, index: int, slots: bytes) -> None:
        """Write slots from an index on, drop what follows, and make that durable."""

    def load_hour(self) -> bytes | None:
        """Return the open hour that was saved last."""

    def save_hour(self, body: bytes) -> None:
        """Replace the saved hour: a crash leaves the older or the newer one."""


class BookFiles:
    """The files in the folder of one install key, made when something is written."""

    def __init__(self, directory: Path, install_key: Ed25519PrivateKey) -> None:
        """Take a folder that the program alone can write.

        Args:
            directory: of this install key; another key begins another ledger.
            install_key: keeps the saved hour from being forged.
        """
        self._directory = directory
        self._records = directory / "records"
        self._hour = TwoSlots(directory, "hour", private_key_pem(install_key))

    def read_records(self) -> bytes:
        """Return every record; none where there is no file."""
        try:
            return self._records.read_bytes()
        except FileNotFoundError:
            return b""

    def write_records(self, index: int, slots: bytes) -> None:
        """Write slots from an index on, drop what follows, and make that durable.

        Where the file is shorter, the missing slots become zeros.
        """
        self._make_folder()
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._records, flags, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.truncate(index * SLOT_BYTES)
            file.seek(index * SLOT_BYTES)
            file.write(slots)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._directory)

    def load_hour(self) -> bytes | None:
        """Return the open hour that was saved last."""
        return self._hour.load().body

    def save_hour(self, body: bytes) -> None:
        """Replace the saved hour: a crash leaves the older or the newer one."""
        self._make_folder()
        self._hour.save(body)

    def _make_folder(self) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)


class NoFiles:
    """A disk that cannot be read, and so is not written either."""

    def __init__(self, error: OSError) -> None:
        """Say again what went wrong, whenever something is to be written."""
        self._error = error

    def read_records(self) -> bytes:
        """Return none."""
        return b""

    def write_records(self, index: int, slots: bytes) -> None:  # noqa: ARG002
        """Raise."""
        raise self._error

    def load_hour(self) -> bytes | None:
        """Return none."""
        return None

    def save_hour(self, body: bytes) -> None:  # noqa: ARG002
        """Raise."""
        raise self._error
