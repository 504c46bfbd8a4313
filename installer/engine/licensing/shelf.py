"""The license files of this host, on disk.

    license/            0750, for the engine and the license container
      install.key       the private install key, made once
      host.json         by what the license recognizes this host, salted
      .reserve          space that is given back when the disk is full
    license/public/     0755, every container may read it
      license.alic      in force
      next.alic         starts later; the license container chooses by time
      addon-ID.alic     add-ons, by the name of their lineage; likewise emergency-ID
      keyset.cbor revocations.cbor response.arsp install.pub

Every file is replaced whole, and a license is written last: power may fail between
any two system calls, and what is found afterwards is the old license or the new one.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.license_files import read_small
from appliance.topology import UID_PYTHON
from installer.engine.durable import Access, HostFiles
from installer.errors import LICENSE_NOT_WRITTEN, InstallerError
from offline_license.armor import Label, armor, unarmor
from offline_license.errors import LicenseError
from offline_license.fingerprint import SALT_BYTES, Fingerprint
from offline_license.keys import (
    private_key_from_pem,
    private_key_from_seed,
    private_key_pem,
    public_bytes,
)

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.paths import HostPaths
    from offline_license.keys import Ed25519PrivateKey

__all__ = ["NEXT", "NOW", "LicenseShelf"]

NOW = "license.alic"
NEXT = "next.alic"
_KEYSET = "keyset.cbor"
_REVOCATIONS = "revocations.cbor"
_RESPONSE = "response.arsp"
_FOLDER = Access(0o750, 0, UID_PYTHON)
_PUBLIC_FOLDER = Access(0o755)
_SECRET = Access(0o400, UID_PYTHON, UID_PYTHON)
_PUBLIC = Access(0o444, UID_PYTHON, UID_PYTHON)
_SEED_BYTES = 32
_RESERVE_BYTES = 256 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class LicenseShelf:
    """Reads and replaces the license files of a host."""

    paths: HostPaths
    files: HostFiles = field(default_factory=HostFiles)

    def have_folders(self) -> None:
        """Have the folders, without what a cut-short write left in them."""
        self.files.directory(self.paths.license, _FOLDER)
        self.files.directory(self.paths.license_public, _PUBLIC_FOLDER)
        for folder in (self.paths.license, self.paths.license_public):
            for stray in folder.glob(".*.*"):
                stray.unlink(missing_ok=True)
        self._have_reserve()

    # Licenses

    def licenses(self) -> dict[str, bytes]:
        """Return the bytes of each license by file name; damaged files count as none."""
        found = {}
        for path in sorted(self.paths.license_public.glob("*.alic")):
            data = _read(path)
            if data is not None:
                try:
                    found[path.name] = unarmor(data, Label.LICENSE)
                except LicenseError:
                    continue
        return found

    def put_license(self, name: str, data: bytes) -> None:
        """Replace a license."""
        self._public(name, armor(data, Label.LICENSE).encode())

    def move_license(self, name: str, target: str) -> None:
        """Let a license take the place of another."""
        folder = self.paths.license_public
        (folder / name).replace(folder / target)

    def drop_license(self, name: str) -> None:
        """Remove a license that another one has replaced."""
        (self.paths.license_public / name).unlink(missing_ok=True)

    # What licenses are judged by

    def keyset(self) -> bytes | None:
        """Return the installed key set as bytes."""
        return _read(self.paths.license_public / _KEYSET)

    def put_keyset(self, data: bytes) -> None:
        """Replace the key set."""
        self._public(_KEYSET, data)

    def revocations(self) -> bytes | None:
        """Return the installed revocation list as bytes."""
        return _read(self.paths.license_public / _REVOCATIONS)

    def put_revocations(self, data: bytes) -> None:
        """Replace the revocation list."""
        self._public(_REVOCATIONS, data)

    def response(self) -> bytes | None:
        """Return the last response that was installed."""
        return _read(self.paths.license_public / _RESPONSE)

    def put_response(self, data: bytes) -> None:
        """Keep the last response: the license container acknowledges by it."""
        self._public(_RESPONSE, data)

    # This installation and its host

    def public_key(self) -> bytes | None:
        """Return the public install key; None without a readable one."""
        key = self.installed_key()
        return None if key is None else public_bytes(key)

    def installed_key(self) -> Ed25519PrivateKey | None:
        """Return the install key; a damaged one counts as none."""
        data = _read(self._key_path)
        try:
            return None if data is None else private_key_from_pem(data)
        except LicenseError:
            return None

    def install_key(self) -> Ed25519PrivateKey:
        """Return the install key, made once; its public half is shown.

        A damaged key is put aside, where somebody may still rescue it.
        """
        key = self.installed_key()
        if key is None:
            if self._key_path.exists():
                self._key_path.replace(self._key_path.with_suffix(".damaged"))
            key = private_key_from_seed(os.urandom(_SEED_BYTES))
            self._write(self._key_path, private_key_pem(key), _SECRET)
        if _read(self.paths.license_public / "install.pub") != public_bytes(key):
            self._public("install.pub", public_bytes(key))
        return key

    def host(self) -> Fingerprint | None:
        """Return what the license container knows of this host; None when damaged."""
        data = _read(self.paths.license / "host.json")
        try:
            return None if data is None else Fingerprint.from_json(data)
        except LicenseError:
            return None

    def put_host(self, seen: Fingerprint) -> None:
        """Tell the license container what this host looks like, when it changed."""
        path, data = self.paths.license / "host.json", seen.to_json().encode()
        if _read(path) != data:
            self._write(path, data, _SECRET)

    def salt(self) -> bytes:
        """Return the salt in use; without a readable one a new one is made."""
        seen = self.host()
        return os.urandom(SALT_BYTES) if seen is None else seen.salt

    # How it is written

    @property
    def _key_path(self) -> Path:
        return self.paths.license / "install.key"

    @property
    def _reserve(self) -> Path:
        return self.paths.license / ".reserve"

    def _have_reserve(self) -> None:
        """Hold some space; a disk that is full already is no obstacle."""
        if not self._reserve.exists():
            try:
                self.files.write(self._reserve, bytes(_RESERVE_BYTES), _SECRET)
            except OSError as error:
                if error.errno not in _FULL:
                    raise

    def _public(self, name: str, data: bytes) -> None:
        self._write(self.paths.license_public / name, data, _PUBLIC)

    def _write(self, path: Path, data: bytes, access: Access) -> None:
        """Replace a file; on a full disk the reserve makes room for it."""
        try:
            self._write_once(path, data, access)
        except OSError as error:
            raise InstallerError(
                LICENSE_NOT_WRITTEN, f"{path}: {error.strerror}"
            ) from error

    def _write_once(self, path: Path, data: bytes, access: Access) -> None:
        try:
            self.files.write(path, data, access)
        except OSError as error:
            if error.errno not in _FULL or not self._reserve.exists():
                raise
            self._reserve.unlink()
            self.files.write(path, data, access)


def _read(path: Path) -> bytes | None:
    """Return what a file holds; what cannot be read counts as absent."""
    try:
        return read_small(path)
    except (OSError, LicenseError):
        return None
