"""Root keys: gather enough of them to sign a key set, and change them all.

Root keys lie in the key folder or on the custodians' media, each under a passphrase of
its own. Whoever signs names the files; which of them count is told by the anchor.

While the roots change, sites know the former roots only, or the new ones only, or
both. Every key set of that time is signed by two of each and names the new anchor, so
that all of them take it. ``retire_former_roots`` ends that time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.vendor.license_keys import (
    ROOTS,
    LicenseKeyFiles,
    load_anchor,
    load_keyset,
    new_anchor,
    new_key,
    open_key,
    replace_file,
    trusting_anchor,
)
from offline_license.errors import KeyFileError
from offline_license.keys import private_key_pem, public_bytes
from offline_license.keyset import sign_keyset, verify_keyset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from offline_license.anchor import LicenseAnchor
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.keyset import KeysetManifest

__all__ = [
    "RootFile",
    "change_roots",
    "next_roots_in",
    "publish_keyset",
    "retire_former_roots",
    "roots_in",
]


@dataclass(frozen=True, slots=True)
class RootFile:
    """A root key file and what opens it."""

    path: Path
    passphrase: bytes = field(repr=False)


def roots_in(directory: Path, passphrase: bytes) -> tuple[RootFile, ...]:
    """Return the root keys that lie in a key folder, all under one passphrase."""
    files = LicenseKeyFiles(directory)
    places = (files.root, files.former_root, files.next_root)
    paths = [place(n) for place in places for n in range(1, ROOTS + 1)]
    return tuple(RootFile(path, passphrase) for path in paths if path.exists())


def next_roots_in(directory: Path, passphrase: bytes) -> tuple[RootFile, ...]:
    """Return where new root keys go when they are kept in the key folder."""
    files = LicenseKeyFiles(directory)
    return tuple(RootFile(files.next_root(n), passphrase) for n in range(1, ROOTS + 1))


def publish_keyset(
    directory: Path, manifest: KeysetManifest, roots: Sequence[RootFile]
) -> None:
    """Sign a key set as every site needs it, and put it in place.

    Args:
        directory: the key folder.
        manifest: of the next version.
        roots: enough of the root keys; those that are not needed are not opened.

    Raises:
        KeyFileError: too few of the roots, or one does not open.
        KeysetError: it is no successor of the key set in place.
    """
    signed = _signed(directory, manifest, roots)
    replace_file(LicenseKeyFiles(directory).keyset, signed, mode=0o644)


def change_roots(
    directory: Path,
    roots: Sequence[RootFile],
    new: Sequence[RootFile],
    *,
    now: int,
) -> LicenseAnchor:
    """Replace all root keys and return the new anchor.

    The key set is the point of no return: a crash before it leaves the old roots in
    force, one after it is finished by the next run.

    Args:
        directory: the key folder.
        roots: enough of the present root keys.
        new: where the new ones go, one for each custodian, each with its passphrase.
        now: seconds UTC.

    Raises:
        KeyFileError: a change is under way, too few roots, or one does not open.
    """
    files = LicenseKeyFiles(directory)
    _finish(files)
    if files.former_anchor.exists():
        raise KeyFileError("expected settled roots, found a change that is under way")
    fresh = tuple(new_key() for _ in new)
    anchor = new_anchor(fresh)
    before = load_keyset(directory).manifest
    manifest = replace(before, version=before.version + 1, iat=now, next_anchor=anchor)
    signed = _signed(directory, manifest, roots, fresh)
    for place, key in zip(new, fresh, strict=True):
        replace_file(place.path, private_key_pem(key, place.passphrase))
        open_key(place.path, place.passphrase)
    replace_file(files.keyset, signed, mode=0o644)
    _finish(files)
    return anchor


def retire_former_roots(directory: Path) -> None:
    """Forget the roots before: from now on key sets are signed by the new ones only.

    Sites verify from the anchor that is built into their release and pinned at their
    installation: with the former one they refuse every later key set.
    """
    files = LicenseKeyFiles(directory)
    _finish(files)
    files.former_anchor.unlink(missing_ok=True)
    for number in range(1, ROOTS + 1):
        files.former_root(number).unlink(missing_ok=True)


def _finish(files: LicenseKeyFiles) -> None:
    """Put names right after a change of roots; does nothing when they are."""
    in_force = load_keyset(files.directory).anchor
    here = load_anchor(files.directory)
    if in_force != here:
        replace_file(files.former_anchor, here.to_bytes(), mode=0o644)
        replace_file(files.anchor, in_force.to_bytes(), mode=0o644)
    if in_force == trusting_anchor(files.directory):
        return
    for number in range(1, ROOTS + 1):
        if files.next_root(number).exists():
            if files.root(number).exists():
                files.root(number).replace(files.former_root(number))
            files.next_root(number).replace(files.root(number))


def _signed(
    directory: Path,
    manifest: KeysetManifest,
    roots: Sequence[RootFile],
    more: Sequence[Ed25519PrivateKey] = (),
) -> bytes:
    """Sign a key set and look at it as a site with the oldest anchor would."""
    before, old = load_keyset(directory), trusting_anchor(directory)
    anchors = [old, *([manifest.next_anchor] if manifest.next_anchor else [])]
    signed = sign_keyset(manifest, _enough(roots, more, anchors))
    verify_keyset(signed, old, installed=replace(before, anchor=old))
    return signed


def _enough(
    roots: Sequence[RootFile],
    more: Sequence[Ed25519PrivateKey],
    anchors: Sequence[LicenseAnchor],
) -> tuple[Ed25519PrivateKey, ...]:
    """Open root keys until each anchor has its threshold."""
    keys = {public_bytes(key): key for key in more}
    for root in roots:
        if all(_count(keys, anchor) >= anchor.threshold for anchor in anchors):
            break
        key = open_key(root.path, root.passphrase)
        if any(public_bytes(key) in anchor.root_keys for anchor in anchors):
            keys[public_bytes(key)] = key
    for anchor in anchors:
        if _count(keys, anchor) < anchor.threshold:
            raise KeyFileError(
                f"expected {anchor.threshold} root keys, found {_count(keys, anchor)}"
            )
    return tuple(keys.values())


def _count(keys: dict[bytes, Ed25519PrivateKey], anchor: LicenseAnchor) -> int:
    return sum(public in anchor.root_keys for public in keys)
