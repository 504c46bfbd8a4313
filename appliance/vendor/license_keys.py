"""The license key folder: root keys, issuing keys, the key set and the anchor.

    license-root-1.pem … 3.pem        the root keys, two of three sign key sets; after
                                      a ceremony they are on three media instead
    license-issuing-prod.pem          signs production licenses
    license-issuing-eval.pem          signs evaluation licenses
    license-issuing-emergency.pem     signs emergency licenses
    license-issuing-revocation.pem    signs revocation lists
    license-codes.pem                 extension codes are derived from it
    license-keyset.cbor               the signed key set, goes onto every medium
    license-anchor.cbor               the public root keys, built into every image
    license-former-*                  the roots before, while sites still know only them
    license-revocations.cbor          the newest revocation list
    register.jsonl                    what was issued, see ``register``

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
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "ISSUING_USES",
    "ROOTS",
    "ROOT_THRESHOLD",
    "LicenseKeyFiles",
    "create_license_keys",
    "first_keyset",
    "load_anchor",
    "load_keyset",
    "load_keyset_bytes",
    "load_revocations_bytes",
    "new_anchor",
    "new_issuing_key",
    "new_key",
    "open_key",
    "replace_file",
    "trusting_anchor",
    "write_issuing_keys",
    "write_new",
]

ROOTS = 3
ROOT_THRESHOLD = 2
_ISSUING_LIFE_S = 400 * DAY_S
_ISSUING_NAMES = {
    KeyUse.LICENSE_PRODUCTION: "license-issuing-prod.pem",
    KeyUse.LICENSE_EVALUATION: "license-issuing-eval.pem",
    KeyUse.EMERGENCY: "license-issuing-emergency.pem",
    KeyUse.REVOCATION: "license-issuing-revocation.pem",
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
    def former_anchor(self) -> Path:
        """The public root keys before, while the roots change."""
        return self.directory / "license-former-anchor.cbor"

    @property
    def keyset(self) -> Path:
        """The signed key set."""
        return self.directory / "license-keyset.cbor"

    @property
    def revocations(self) -> Path:
        """The newest revocation list."""
        return self.directory / "license-revocations.cbor"

    @property
    def codes(self) -> Path:
        """The private key from which extension codes are derived."""
        return self.directory / "license-codes.pem"

    @property
    def register(self) -> Path:
        """The register of what was issued."""
        return self.directory / "register.jsonl"

    def root(self, number: int) -> Path:
        """Return the private root key ``number``, from 1."""
        return self.directory / f"license-root-{number}.pem"

    def next_root(self, number: int) -> Path:
        """Return the same of the roots to come, before they are in force."""
        return self.directory / f"license-next-root-{number}.pem"

    def former_root(self, number: int) -> Path:
        """Return the same of the roots before."""
        return self.directory / f"license-former-root-{number}.pem"

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
    roots = tuple(new_key() for _ in range(ROOTS))
    for number, key in enumerate(roots, start=1):
        write_new(files.root(number), private_key_pem(key, passphrase))
    anchor = new_anchor(roots)
    write_issuing_keys(files, passphrase, anchor, roots[:ROOT_THRESHOLD], now=now)
    return files


def write_issuing_keys(
    files: LicenseKeyFiles,
    passphrase: bytes,
    anchor: LicenseAnchor,
    signing: tuple[Ed25519PrivateKey, ...],
    *,
    now: int,
) -> None:
    """Make everything of a new folder but the root keys themselves.

    Args:
        files: where to; nothing of it may exist.
        passphrase: encrypts the issuing keys.
        anchor: the public half of all root keys.
        signing: the root keys that sign the first key set.
        now: seconds UTC.
    """
    issuing = {use: new_key() for use in _ISSUING_NAMES}
    for use, key in issuing.items():
        write_new(files.issuing(use), private_key_pem(key, passphrase))
    write_new(files.codes, private_key_pem(new_key(), passphrase))
    write_new(files.anchor, anchor.to_bytes(), mode=0o644)
    signed = sign_keyset(first_keyset(issuing, now=now), signing)
    verify_keyset(signed, anchor)
    write_new(files.keyset, signed, mode=0o644)


def new_anchor(roots: Iterable[Ed25519PrivateKey]) -> LicenseAnchor:
    """Return the public half of root keys, two of which must sign."""
    return LicenseAnchor(tuple(sorted(map(public_bytes, roots))), ROOT_THRESHOLD)


def first_keyset(
    issuing: Mapping[KeyUse, Ed25519PrivateKey], *, now: int
) -> KeysetManifest:
    """Describe the first key set."""
    keys = (
        new_issuing_key(public_bytes(key), use, now=now) for use, key in issuing.items()
    )
    return KeysetManifest(version=1, iat=now, keys=tuple(keys))


def load_anchor(directory: Path) -> LicenseAnchor:
    """Read the public root keys of a key folder.

    Raises:
        LicenseError: the file is damaged.
    """
    return LicenseAnchor.from_bytes(LicenseKeyFiles(directory).anchor.read_bytes())


def trusting_anchor(directory: Path) -> LicenseAnchor:
    """Return the oldest anchor that some site may still hold.

    A key set must satisfy this one; it names the newer one when the roots change.

    Raises:
        LicenseError: the file is damaged.
    """
    former = LicenseKeyFiles(directory).former_anchor
    if former.exists():
        return LicenseAnchor.from_bytes(former.read_bytes())
    return load_anchor(directory)


def load_keyset_bytes(directory: Path) -> bytes:
    """Return the signed key set as it goes onto a medium."""
    return LicenseKeyFiles(directory).keyset.read_bytes()


def load_revocations_bytes(directory: Path) -> bytes | None:
    """Return the signed revocation list; None where nothing was ever revoked."""
    path = LicenseKeyFiles(directory).revocations
    return path.read_bytes() if path.exists() else None


def load_keyset(directory: Path) -> Keyset:
    """Read and verify the key set of a key folder.

    Raises:
        LicenseError: it is damaged or not signed by its roots.
    """
    return verify_keyset(load_keyset_bytes(directory), trusting_anchor(directory))


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
    try:
        return private_key_from_pem(data, passphrase)
    except KeyFileError as error:
        raise KeyFileError(f"{path.name}: {error}") from error


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
