"""Change the license key set: a new year's issuing keys, or a withdrawn one.

Each change is a key set of the next version, signed by two roots; it reaches the sites
with the next medium or the next answer to a request. Licenses live on after their key
is retired. What a withdrawn key signed after the cutoff is void; what it signed before
has 30 days to be issued again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.vendor.errors import VendorTermsError
from appliance.vendor.license_keys import (
    ISSUING_USES,
    LicenseKeyFiles,
    load_keyset,
    new_issuing_key,
    new_key,
    replace_file,
)
from appliance.vendor.license_roots import publish_keyset, roots_in
from appliance.vendor.lineages import Lineages
from appliance.vendor.register import Event, Register
from appliance.vendor.revoking import sign_again
from offline_license.cose import ObjectType, open_sign1
from offline_license.keys import private_key_pem, public_bytes
from offline_license.keyset import MAX_KEYS, KeyStatus, KeyUse
from offline_license.tolerances import DAY_S, TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from appliance.vendor.license_roots import RootFile
    from offline_license.keyset import IssuingKey
    from offline_license.model import License

__all__ = ["fitting_keys", "renew_issuing_keys", "withdraw_issuing_key"]


def renew_issuing_keys(
    directory: Path,
    passphrase: bytes,
    *,
    now: int,
    roots: Sequence[RootFile] | None = None,
) -> int:
    """Make new issuing keys, retire the old ones and return the new version.

    The key set is in place before a new private key is: a crash between the two leaves
    the old key in use, which the new key set still knows.

    Args:
        directory: the key folder.
        passphrase: encrypts the new keys, and opens the roots of the folder.
        now: seconds UTC.
        roots: at least two root keys; those in the folder unless given.

    Raises:
        KeyFileError: a root key is missing or does not open.
    """
    manifest = load_keyset(directory).manifest
    kept = tuple(_retired(key) for key in manifest.keys if _matters(key, now))
    return _publish(directory, passphrase, kept, ISSUING_USES, roots, now)


def withdraw_issuing_key(  # noqa: PLR0913 - all by name
    directory: Path,
    passphrase: bytes,
    *,
    kid: bytes,
    cutoff: int,
    now: int,
    roots: Sequence[RootFile] | None = None,
) -> int:
    """Declare an issuing key compromised and return the new version.

    Where no other key of its use is active, a new one takes its place, and signs the
    revocation list again when it was for that.

    Args:
        directory: the key folder.
        passphrase: encrypts the new key, and opens the roots of the folder.
        kid: 8 bytes, names the key.
        cutoff: seconds UTC; what the key signed with a later ``iat`` is void.
        now: seconds UTC; the 30 days of the others begin here.
        roots: at least two root keys; those in the folder unless given.

    Raises:
        UnknownKeyError: there is no such key.
        KeyFileError: a root key is missing or does not open.
    """
    keyset = load_keyset(directory)
    gone = keyset.key(kid)
    marked = replace(gone, status=KeyStatus.COMPROMISED, cutoff=cutoff, withdrawn=now)
    keys = tuple(marked if key == gone else key for key in keyset.manifest.keys)
    active = {key.use for key in keys if key.status is KeyStatus.ACTIVE}
    needed = frozenset({gone.use} - active)
    version = _publish(directory, passphrase, keys, needed, roots, now)
    if gone.use is KeyUse.REVOCATION:
        sign_again(directory, passphrase, now=now)
    return version


def _matters(key: IssuingKey, now: int) -> bool:
    """Tell whether a license of this key can still be in use."""
    return now < key.naf + TOLERANCES.validity_s


def _retired(key: IssuingKey) -> IssuingKey:
    """Retire an active key; a withdrawn one stays withdrawn."""
    if key.status is not KeyStatus.ACTIVE:
        return key
    return replace(key, status=KeyStatus.RETIRED)


def fitting_keys(
    keys: tuple[IssuingKey, ...], needed: frozenset[bytes]
) -> tuple[IssuingKey, ...]:
    """Leave out as many retired keys as a key set has no room for, the oldest first.

    A key is left out only where there is no room, because the register may be an old
    backup that does not know every license.

    Args:
        keys: oldest first.
        needed: names of keys that signed what is still in force.

    Raises:
        VendorTermsError: every key is needed.
    """
    excess = len(keys) - MAX_KEYS
    spare = [k for k in keys if k.status is KeyStatus.RETIRED and k.kid not in needed]
    if excess > len(spare):
        raise VendorTermsError(
            f"expected at most {MAX_KEYS} keys in use, found {len(keys) - len(spare)}"
        )
    gone = spare[: max(excess, 0)]
    return tuple(key for key in keys if key not in gone)


def _needed(files: LicenseKeyFiles, now: int) -> frozenset[bytes]:
    """Return the names of keys that signed what sites may still rely on."""
    lineages = Lineages(Register(files.register).entries())
    names = {
        open_sign1(issued.data, ObjectType.LICENSE).kid
        for issued in lineages.all
        if now < _last_use(issued.license)
    }
    if files.revocations.exists():
        listed = files.revocations.read_bytes()
        names.add(open_sign1(listed, ObjectType.REVOCATION).kid)
    return frozenset(names)


def _last_use(license_: License) -> int:
    """Return until when a license can matter, its extension codes included."""
    extension = license_.extension
    extended_s = extension.count * extension.days * DAY_S if extension else 0
    return license_.term + extended_s


def _publish(  # noqa: PLR0913, PLR0917 - one step in six parts
    directory: Path,
    passphrase: bytes,
    kept: tuple[IssuingKey, ...],
    uses: frozenset[KeyUse],
    roots: Sequence[RootFile] | None,
    now: int,
) -> int:
    """Sign the next version with a new key for each use, and put all in place."""
    files = LicenseKeyFiles(directory)
    fresh = {use: new_key() for use in sorted(uses)}
    described = tuple(
        new_issuing_key(public_bytes(key), use, now=now) for use, key in fresh.items()
    )
    before = load_keyset(directory).manifest
    keys = fitting_keys((*kept, *described), _needed(files, now))
    manifest = replace(before, version=before.version + 1, iat=now, keys=keys)
    if not files.former_anchor.exists():
        manifest = replace(manifest, next_anchor=None)
    signing = roots_in(directory, passphrase) if roots is None else roots
    publish_keyset(directory, manifest, signing)
    for use, key in fresh.items():
        replace_file(files.issuing(use), private_key_pem(key, passphrase))
    with Register(files.register).open() as book:
        book.add(Event.KEYSET, at=now, version=manifest.version)
    return manifest.version
