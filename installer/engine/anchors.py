"""The trust anchor of this host: the pinned one, or the one that is given first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundles.files import write_durably
from bundles.trust.anchor import TrustAnchor
from installer.errors import NO_TRUST, OTHER_TRUST, InstallerError

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.paths import HostPaths

__all__ = ["anchor_file", "choose_anchor", "pin_anchor"]


def anchor_file(paths: HostPaths) -> Path:
    """Return where the trust anchor is pinned."""
    return paths.trust / "anchor.json"


def choose_anchor(paths: HostPaths, given: Path | None) -> TrustAnchor:
    """Return the pinned anchor, or the given one where none is pinned.

    Raises:
        AnchorError: a file is no anchor.
        InstallerError: there is none, or another one is pinned.
    """
    pinned_file = anchor_file(paths)
    pinned = TrustAnchor.read(pinned_file) if pinned_file.exists() else None
    if given is None:
        if pinned is None:
            raise InstallerError(NO_TRUST, f"{pinned_file} does not exist")
        return pinned
    anchor = TrustAnchor.read(given)
    if pinned is not None and pinned.fingerprint != anchor.fingerprint:
        raise InstallerError(
            OTHER_TRUST,
            f"expected the fingerprint {pinned.fingerprint}, "
            f"found {anchor.fingerprint}",
        )
    return anchor


def pin_anchor(paths: HostPaths, anchor: TrustAnchor) -> None:
    """Keep the anchor on this host, unless one is kept already."""
    target = anchor_file(paths)
    target.parent.mkdir(parents=True, exist_ok=True)
    paths.tuf.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        write_durably(target, anchor.to_json())
