"""Revoke licenses: a signed list that is announced at least 14 days ahead.

The list is cumulative and numbered. It travels with every answer to a request and with
every medium; a site that imports nothing cannot be revoked before its dates end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from appliance.vendor.errors import VendorTermsError
from appliance.vendor.license_keys import (
    LicenseKeyFiles,
    load_keyset,
    open_key,
    replace_file,
)
from appliance.vendor.lineages import Lineages
from appliance.vendor.register import Event, Register
from offline_license.armor import Label, armor
from offline_license.dates import iso, start_of
from offline_license.keyset import KeyUse
from offline_license.revocation import (
    NOTHING_REVOKED,
    Revocation,
    Revocations,
    peek_revocations,
    sign_revocations,
    verify_revocations,
)
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from appliance.vendor.register import Book
    from offline_license.model import License

__all__ = ["Reason", "SignedList", "lift_revocation", "revoke_license", "sign_again"]


class Reason(IntEnum):
    """Why a license is revoked; the numbers of ``offline_license.revocation``."""

    UNTOLD = 0
    CONTRACT_ENDED = 1
    REPLACED = 2
    KEY_LOST = 3
    MISTAKE = 4


@dataclass(frozen=True, slots=True)
class SignedList:
    """A revocation list as signed, binary and as text."""

    revocations: Revocations
    data: bytes
    text: str


def revoke_license(  # noqa: PLR0913 - all by name
    directory: Path,
    passphrase: bytes,
    name: str,
    *,
    reason: Reason,
    effective: date | None,
    now: int,
) -> tuple[SignedList, Revocation]:
    """Revoke a lineage up to its newest license, and return list and entry.

    Args:
        directory: the key folder.
        passphrase: opens the key for revocations.
        name: serial of the license.
        reason: told to the site.
        effective: the first day without service, UTC; None is as soon as possible.
        now: seconds UTC.

    Raises:
        UnknownLineageError: nothing was issued under this name.
        VendorTermsError: it is revoked already, or the notice is too short.
    """

    def revoke(
        license_: License, before: Revocations, iat: int
    ) -> tuple[Revocation, ...]:
        earliest = iat + TOLERANCES.revocation_notice_s
        at = earliest if effective is None else start_of(effective)
        if at < earliest:
            raise VendorTermsError(
                f"expected a revocation from {iso(earliest)} on, found {iso(at)}: a "
                "site has 14 days to act"
            )
        known = before.revoked_at(license_)
        if known is not None and known <= at:
            raise VendorTermsError(
                f"license {license_.serial} is revoked from {iso(known)} on already"
            )
        entry = Revocation(license_.lid, license_.seq, at, int(reason), iat)
        return (*before.entries, entry)

    signed = _change(directory, passphrase, name, revoke, now)
    return signed, signed.revocations.entries[-1]


def lift_revocation(
    directory: Path, passphrase: bytes, name: str, *, now: int
) -> SignedList:
    """Take a lineage off the list again.

    Raises:
        UnknownLineageError: nothing was issued under this name.
        VendorTermsError: it is not on the list.
    """

    def lift(
        license_: License, before: Revocations, _iat: int
    ) -> tuple[Revocation, ...]:
        kept = tuple(one for one in before.entries if one.lid != license_.lid)
        if kept == before.entries:
            raise VendorTermsError(f"license {license_.serial} is not revoked")
        return kept

    return _change(directory, passphrase, name, lift, now)


def sign_again(directory: Path, passphrase: bytes, *, now: int) -> SignedList | None:
    """Sign the list with the present key, after the one before was withdrawn.

    Returns:
        The list; None where there is none.
    """
    files = LicenseKeyFiles(directory)
    if not files.revocations.exists():
        return None
    with Register(files.register).open() as book:
        before = _newest(files)
        return _publish(files, passphrase, book, before, before.entries, now)


def _change(
    directory: Path,
    passphrase: bytes,
    name: str,
    change: Callable[[License, Revocations, int], tuple[Revocation, ...]],
    now: int,
) -> SignedList:
    """Look a license up, change the entries, and publish the next list."""
    files = LicenseKeyFiles(directory)
    with Register(files.register).open() as book:
        license_ = Lineages(book.entries).named(name).license
        before = _newest(files)
        entries = change(license_, before, max(now, before.iat + 1))
        return _publish(
            files, passphrase, book, before, entries, now, serial=license_.serial
        )


def _newest(files: LicenseKeyFiles) -> Revocations:
    """Return the list in place; one that revokes nothing when there is none."""
    if not files.revocations.exists():
        return NOTHING_REVOKED
    return peek_revocations(files.revocations.read_bytes())


def _publish(  # noqa: PLR0913, PLR0917 - the parts of one act
    files: LicenseKeyFiles,
    passphrase: bytes,
    book: Book,
    before: Revocations,
    entries: tuple[Revocation, ...],
    now: int,
    *,
    serial: str = "",
) -> SignedList:
    """Sign, verify as a site with the list before, register, put in place."""
    used = [int(one.fields.get("version", 0)) for one in book.of(Event.REVOCATIONS)]
    version = max(before.version, *used, 0) + 1
    listed = Revocations(version, max(now, before.iat + 1), entries)
    key = open_key(files.issuing(KeyUse.REVOCATION), passphrase)
    data = sign_revocations(listed, key)
    installed = before if before.version else None
    verify_revocations(data, load_keyset(files.directory), installed=installed)
    book.add(Event.REVOCATIONS, at=now, version=version, serial=serial)
    replace_file(files.revocations, data, mode=0o644)
    return SignedList(listed, data, armor(data, Label.REVOCATIONS))
