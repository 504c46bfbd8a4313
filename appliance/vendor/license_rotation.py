"""Change the license key set: a new year's issuing keys, or a withdrawn one.

Each change is a key set of the next version, signed by two roots; it reaches the sites
with the next medium. Licenses live on after their key is retired. What a withdrawn key
signed after the cutoff is void; what it signed before has 30 days to be issued again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.vendor.license_keys import (
    ISSUING_USES,
    LicenseKeyFiles,
    load_keyset,
    new_issuing_key,
    new_key,
    replace_file,
    sign_with_roots,
)
from offline_license.keys import private_key_pem, public_bytes
from offline_license.keyset import KeyStatus

if TYPE_CHECKING:
    from pathlib import Path

    from offline_license.keyset import IssuingKey, KeysetManifest

__all__ = ["renew_issuing_keys", "withdraw_issuing_key"]


def renew_issuing_keys(directory: Path, passphrase: bytes, *, now: int) -> int:
    """Make new issuing keys, retire the old ones and return the new version.

    The key set is in place before a new private key is: a crash between the two leaves
    the old key in use, which the new key set still knows.

    Args:
        directory: the key folder, with at least two root keys.
        passphrase: opens the roots and encrypts the new keys.
        now: seconds UTC.

    Raises:
        KeyFileError: a root key is missing or does not open.
    """
    files = LicenseKeyFiles(directory)
    fresh = {use: new_key() for use in sorted(ISSUING_USES)}
    described = tuple(
        new_issuing_key(public_bytes(key), use, now=now) for use, key in fresh.items()
    )
    manifest = load_keyset(directory).manifest
    kept = tuple(_retired(key) for key in manifest.keys)
    version = _publish(files, manifest, (*kept, *described), passphrase, now)
    for use, key in fresh.items():
        replace_file(files.issuing(use), private_key_pem(key, passphrase))
    return version


def withdraw_issuing_key(
    directory: Path, passphrase: bytes, *, kid: bytes, cutoff: int, now: int
) -> int:
    """Declare an issuing key compromised and return the new version.

    Args:
        directory: the key folder, with at least two root keys.
        passphrase: opens the roots.
        kid: 8 bytes, names the key.
        cutoff: seconds UTC; what the key signed with a later ``iat`` is void.
        now: seconds UTC; the 30 days of the others begin here.

    Raises:
        UnknownKeyError: there is no such key.
        KeyFileError: a root key is missing or does not open.
    """
    keyset = load_keyset(directory)
    gone = keyset.key(kid)
    marked = replace(gone, status=KeyStatus.COMPROMISED, cutoff=cutoff)
    keys = tuple(marked if key == gone else key for key in keyset.manifest.keys)
    files = LicenseKeyFiles(directory)
    return _publish(files, keyset.manifest, keys, passphrase, now)


def _retired(key: IssuingKey) -> IssuingKey:
    """Retire an active key; a withdrawn one stays withdrawn."""
    if key.status is not KeyStatus.ACTIVE:
        return key
    return replace(key, status=KeyStatus.RETIRED)


def _publish(
    files: LicenseKeyFiles,
    before: KeysetManifest,
    keys: tuple[IssuingKey, ...],
    passphrase: bytes,
    now: int,
) -> int:
    """Sign the next version and put it in place."""
    manifest = replace(before, version=before.version + 1, iat=now, keys=keys)
    signed = sign_with_roots(files, manifest, passphrase)
    replace_file(files.keyset, signed, mode=0o644)
    return manifest.version
