"""The license key folder: root keys, issuing keys, the key set and the anchor.

    license-root-1.pem … 3.pem    the root keys, two of three sign key sets
    license-issuing-prod.pem      signs production licenses
    license-issuing-eval.pem      signs evaluation licenses
    license-keyset.cbor           the signed key set, goes onto every medium
    license-anchor.cbor           the public root keys, built into every image
    issued.jsonl                  one line per license: lineage, sequence, dates

Private keys are PKCS #8 PEM, encrypted with a passphrase that is passed as bytes and
appears nowhere else.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license.anchor import LicenseAnchor
from offline_license.errors import KeyFileError
from offline_license.keys import (
    SEED_BYTES,
    Ed25519PrivateKey,
    private_key_from_pem,
    private_key_from_seed,
    private_key_pem,
    public_bytes,
)
from offline_license.keyset import (
    IssuingKey,
    Keyset,
    KeysetManifest,
    KeyUse,
    sign_keyset,
    verify_keyset,
)
from offline_license.tolerances import DAY_S

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "ISSUING_USES",
    "LicenseKeyFiles",
    "create_license_keys",
    "load_anchor",
    "load_keyset",
    "load_keyset_bytes",
    "new_issuing_key",
    "new_key",
    "open_key",
    "replace_file",
    "sign_with_roots",
    "write_new",
]

_ROOTS = 3
_THRESHOLD = 2
_ISSUING_LIFE_S = 400 * DAY_S
_ISSUING_NAMES = {
    KeyUse.LICENSE_PRODUCTION: "license-issuing-prod.pem",
    KeyUse.LICENSE_EVALUATION: "license-issuing-eval.pem",
}
ISSUING_USES = frozenset(_ISSUING_NAMES)
"""The uses that a key folder has issuing keys for."""


@dataclass(frozen=True, slots=True)
class LicenseKeyFiles:
    """Where the files of a key folder are."""

    directory: Path

    @property
    def anchor(self) -> Path:
        """Public root keys."""
        return self.directory / "license-anchor.cbor"

    @property
    def keyset(self) -> Path:
        """The signed key set."""
        return self.directory / "license-keyset.cbor"

    @property
    def issued(self) -> Path:
        """The register of issued licenses."""
        return self.directory / "issued.jsonl"

    def root(self, number: int) -> Path:
        """Return the private root key ``number``, from 1."""
        return self.directory / f"license-root-{number}.pem"

    def issuing(self, use: KeyUse) -> Path:
        """Return the private issuing key for a use."""
        return self.directory / _ISSUING_NAMES[use]


def create_license_keys(
    directory: Path, passphrase: bytes, *, now: int
) -> LicenseKeyFiles:
    """Make root keys, issuing keys and the first key set in an empty folder.

    Args:
        directory: made when it is missing; existing key files are never replaced.
        passphrase: encrypts every private key.
        now: seconds UTC; issuing keys are good for 400 days from the day before.

    Raises:
        FileExistsError: there are keys already.
    """
    files = LicenseKeyFiles(directory)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if present := sorted(path.name for path in directory.glob("license-*")):
        raise FileExistsError(f"there are license keys already: {present[0]}")
    roots = tuple(new_key() for _ in range(_ROOTS))
    issuing = {use: new_key() for use in _ISSUING_NAMES}
    for number, key in enumerate(roots, start=1):
        write_new(files.root(number), private_key_pem(key, passphrase))
    for use, key in issuing.items():
        write_new(files.issuing(use), private_key_pem(key, passphrase))
    anchor = LicenseAnchor(tuple(sorted(map(public_bytes, roots))), _THRESHOLD)
    manifest = KeysetManifest(
        version=1,
        iat=now,
        keys=tuple(
            new_issuing_key(public_bytes(key), use, now=now)
            for use, key in issuing.items()
        ),
    )
    write_new(files.anchor, anchor.to_bytes(), mode=0o644)
    signed = sign_keyset(manifest, roots[:_THRESHOLD])
    write_new(files.keyset, signed, mode=0o644)
    return files


def load_anchor(directory: Path) -> LicenseAnchor:
    """Read the public root keys of a key folder.

    Raises:
        LicenseError: the file is damaged.
    """
    return LicenseAnchor.from_bytes(LicenseKeyFiles(directory).anchor.read_bytes())


def load_keyset_bytes(directory: Path) -> bytes:
    """Return the signed key set as it goes onto a medium."""
    return LicenseKeyFiles(directory).keyset.read_bytes()


def load_keyset(directory: Path) -> Keyset:
    """Read and verify the key set of a key folder.

    Raises:
        LicenseError: it is damaged or not signed by its roots.
    """
    return verify_keyset(load_keyset_bytes(directory), load_anchor(directory))


def sign_with_roots(
    files: LicenseKeyFiles, manifest: KeysetManifest, passphrase: bytes
) -> bytes:
    """Sign a key set with two of the root keys.

    Raises:
        KeyFileError: fewer than two root keys are here and open.
    """
    here = [n for n in range(1, _ROOTS + 1) if files.root(n).exists()]
    if len(here) < _THRESHOLD:
        raise KeyFileError(f"expected {_THRESHOLD} root keys, found {len(here)}")
    keys = tuple(open_key(files.root(n), passphrase) for n in here[:_THRESHOLD])
    return sign_keyset(manifest, keys)


def new_issuing_key(public: bytes, use: KeyUse, *, now: int) -> IssuingKey:
    """Describe an issuing key that is good from the day before for 400 days."""
    return IssuingKey(public, use, now - DAY_S, now + _ISSUING_LIFE_S)


def new_key() -> Ed25519PrivateKey:
    """Make a private key."""
    return private_key_from_seed(secrets.token_bytes(SEED_BYTES))


def open_key(path: Path, passphrase: bytes) -> Ed25519PrivateKey:
    """Open a private key of the folder.

    Raises:
        KeyFileError: it is missing, damaged, or the passphrase is another.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"expected the key {path.name}, found none") from error
    return private_key_from_pem(data, passphrase)


def write_new(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file that must not exist yet, and make it durable."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file so that a crash leaves the old or the new one."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    write_new(temporary, data, mode=mode)
    temporary.replace(path)
