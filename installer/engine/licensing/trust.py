"""By what licenses are judged on this host: anchor, key set, revocations.

The anchor comes from the medium that is being installed from, or is pinned. The key
set is the newest that this host has accepted: an older medium never takes it back.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bundles.trust.anchor import TrustAnchor
from installer.engine.anchors import anchor_file
from installer.errors import NO_TRUST, InstallerError
from offline_license.anchor import LicenseAnchor
from offline_license.errors import LicenseError
from offline_license.keyset import Keyset, newer_keyset, verify_keyset
from offline_license.revocation import (
    Revocations,
    newer_revocations,
    verify_revocations,
)

if TYPE_CHECKING:
    from appliance.paths import HostPaths
    from installer.engine.licensing.shelf import LicenseShelf
    from installer.engine.site import LicensingSource

__all__ = ["Trust", "trust_of"]

_LOG = logging.getLogger("anechoicd")


@dataclass(frozen=True, slots=True)
class Trust:
    """What a license is judged by.

    Attributes:
        keyset: the newest accepted one; None when only a response can bring one.
        newer_keyset: its bytes when the medium brought it and they are not on disk.
        revocations: the newest accepted list; None without one.
        newer_revocations: its bytes when the medium brought it.
    """

    anchor: LicenseAnchor
    keyset: Keyset | None
    newer_keyset: bytes | None
    revocations: Revocations | None
    newer_revocations: bytes | None

    def required(self) -> Keyset:
        """Return the key set.

        Raises:
            InstallerError: there is none yet.
        """
        if self.keyset is None:
            raise InstallerError(
                NO_TRUST,
                "expected the key set of an opened medium or of a response, found none",
            )
        return self.keyset


def trust_of(
    paths: HostPaths, shelf: LicenseShelf, medium: LicensingSource | None
) -> Trust:
    """Collect what licenses are judged by.

    Raises:
        InstallerError: no anchor is known.
        LicenseError: the key set of the medium is not genuine.
    """
    anchor = _anchor(paths, medium)
    installed = _installed_keyset(shelf, anchor)
    brought = medium.keyset_bytes if medium is not None else None
    keyset, newer = _newest(brought, anchor, installed)
    installed_list = _revocations(shelf, keyset)
    listed = medium.revocations_bytes if medium is not None else None
    news = _newer_list(listed, keyset, installed_list)
    return Trust(
        anchor, keyset, newer, news or installed_list, listed if news else None
    )


def _anchor(paths: HostPaths, medium: LicensingSource | None) -> LicenseAnchor:
    if medium is not None:
        return LicenseAnchor.from_bytes(medium.license_anchor)
    pinned = anchor_file(paths)
    if not pinned.exists():
        raise InstallerError(
            NO_TRUST, "expected an opened medium or a pinned anchor, found neither"
        )
    return LicenseAnchor.from_bytes(TrustAnchor.read(pinned).license_anchor)


def _installed_keyset(shelf: LicenseShelf, anchor: LicenseAnchor) -> Keyset | None:
    """Return the installed key set; a damaged one counts as none."""
    data = shelf.keyset()
    try:
        return None if data is None else verify_keyset(data, anchor)
    except LicenseError:
        return None


def _newest(
    brought: bytes | None, anchor: LicenseAnchor, installed: Keyset | None
) -> tuple[Keyset | None, bytes | None]:
    """Return the newest key set, and its bytes when they came with the medium."""
    newer = None if brought is None else newer_keyset(brought, anchor, installed)
    return (installed, None) if newer is None else (newer, brought)


def _revocations(shelf: LicenseShelf, keyset: Keyset | None) -> Revocations | None:
    """Return the installed list; a damaged one counts as none."""
    data = shelf.revocations()
    if data is None or keyset is None:
        return None
    try:
        return verify_revocations(data, keyset)
    except LicenseError:
        return None


def _newer_list(
    brought: bytes | None, keyset: Keyset | None, installed: Revocations | None
) -> Revocations | None:
    """Return the list of a medium when it is newer; a bad one is no obstacle to it."""
    if brought is None or keyset is None:
        return None
    try:
        return newer_revocations(brought, keyset, installed)
    except LicenseError as error:
        _LOG.warning("the revocation list of the medium is not used: %s", error.code)
        return None
