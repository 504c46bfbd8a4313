"""Judge the files of a site: what is genuine and for this host is used.

Whatever is wrong with one file is noted and leaves the others, and what was accepted
before, untouched. Nothing here can stop the program.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offline_license.armor import Label, unarmor
from offline_license.dates import valid_through
from offline_license.errors import LicenseError, SupersededError
from offline_license.fingerprint import Fingerprint
from offline_license.keys import private_key_from_pem, public_bytes
from offline_license.keyset import Keyset, verify_keyset
from offline_license.license import VerifiedLicense, check_install_key, verify_license

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.license_files import SiteFiles
    from offline_license.anchor import LicenseAnchor
    from offline_license.keys import Ed25519PrivateKey

__all__ = ["Accepted", "Site", "judge"]

_MAX_KEPT = 8


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted earlier and outlives a damaged file.

    Attributes:
        keyset: the newest accepted key set, as bytes.
        licenses: the accepted licenses, as bytes.
    """

    keyset: bytes | None = None
    licenses: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """What a site has.

    Attributes:
        keyset: in force; None without one.
        keyset_bytes: the same as received.
        licenses: genuine and for this installation, the newest of each lineage last.
        fingerprint: of the host now; None when it could not be read.
        install_key: of this installation; None without one.
        problems: what is wrong, by file name.
    """

    keyset: Keyset | None = None
    keyset_bytes: bytes | None = None
    licenses: tuple[VerifiedLicense, ...] = ()
    fingerprint: Fingerprint | None = None
    install_key: Ed25519PrivateKey | None = field(default=None, repr=False)
    problems: Mapping[str, LicenseError] = field(default_factory=dict)

    @property
    def accepted(self) -> Accepted:
        """What to keep for the next time."""
        return Accepted(self.keyset_bytes, tuple(one.data for one in self.licenses))


def judge(files: SiteFiles, anchor: LicenseAnchor, before: Accepted) -> Site:
    """Verify every file of a site.

    Args:
        files: as read.
        anchor: the root keys that everything is traced to.
        before: what was accepted earlier; it is verified again.
    """
    problems = dict(files.problems)
    install_key = _install_key(files.install_key, problems)
    keyset, keyset_bytes = _keyset(files.keyset, anchor, before.keyset, problems)
    licenses: tuple[VerifiedLicense, ...] = ()
    if keyset is not None:
        public = None if install_key is None else public_bytes(install_key)
        kept = _kept(before.licenses, keyset, public)
        licenses = _licenses(files.licenses, keyset, public, kept, problems)
    return Site(
        keyset,
        keyset_bytes,
        licenses,
        _fingerprint(files.host, problems),
        install_key,
        problems,
    )


def _install_key(
    data: bytes | None, problems: dict[str, LicenseError]
) -> Ed25519PrivateKey | None:
    if data is None:
        return None
    try:
        return private_key_from_pem(data)
    except LicenseError as error:
        problems["install.key"] = error
        return None


def _keyset(
    data: bytes | None,
    anchor: LicenseAnchor,
    before: bytes | None,
    problems: dict[str, LicenseError],
) -> tuple[Keyset | None, bytes | None]:
    """Return the newer acceptable key set of the file and the one in use."""
    in_use = _in_use(before, anchor)
    if data is None:
        return in_use, before if in_use else None
    try:
        return verify_keyset(data, anchor, installed=in_use), data
    except LicenseError as error:
        problems["keyset.cbor"] = error
        return in_use, before if in_use else None


def _in_use(before: bytes | None, anchor: LicenseAnchor) -> Keyset | None:
    if before is None:
        return None
    try:
        return verify_keyset(before, anchor)
    except LicenseError:
        return None


def _kept(
    before: tuple[bytes, ...], keyset: Keyset, public: bytes | None
) -> tuple[VerifiedLicense, ...]:
    """Return the earlier licenses that are still genuine and ours."""
    kept = []
    for data in before:
        try:
            kept.append(_accept(data, keyset, public))
        except LicenseError:
            continue
    return tuple(kept)


def _accept(data: bytes, keyset: Keyset, public: bytes | None) -> VerifiedLicense:
    verified = verify_license(data, keyset)
    check_install_key(verified.license, public)
    return verified


def _licenses(
    files: Mapping[str, bytes],
    keyset: Keyset,
    public: bytes | None,
    kept: tuple[VerifiedLicense, ...],
    problems: dict[str, LicenseError],
) -> tuple[VerifiedLicense, ...]:
    """Add the acceptable files to what was kept, each object once."""
    found = {one.digest: one for one in kept}
    newest = {one.license.lid: one for one in kept}
    for name, content in files.items():
        try:
            verified = _accept(unarmor(content, Label.LICENSE), keyset, public)
            if verified.digest not in found:
                _check_not_superseded(verified, newest.get(verified.license.lid))
                found[verified.digest] = verified
        except LicenseError as error:
            problems[name] = error
    ordered = sorted(found.values(), key=lambda one: one.license.seq)
    return tuple(ordered[-_MAX_KEPT:])


def _check_not_superseded(
    verified: VerifiedLicense, newest: VerifiedLicense | None
) -> None:
    """Refuse a file that is older than what this site had already accepted."""
    license_ = verified.license
    if newest is not None and license_.seq <= newest.license.seq:
        raise SupersededError(
            f"license {license_.serial}, valid through {valid_through(license_.exp)}: "
            f"expected a newer one than {newest.license.serial}, valid through "
            f"{valid_through(newest.license.exp)}"
        )


def _fingerprint(
    data: bytes | None, problems: dict[str, LicenseError]
) -> Fingerprint | None:
    if data is None:
        return None
    try:
        return Fingerprint.from_json(data)
    except LicenseError as error:
        problems["host.json"] = error
        return None
