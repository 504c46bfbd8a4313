"""Trust updates on this host: look at one, apply it, say what is known.

Nothing that runs is ever touched: a revoked release that is installed gets a finding.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bundles.errors import BundleError
from bundles.texts import INSTALLED_REVOKED
from bundles.trust.state import TrustFloor, load_state
from bundles.trust.verified import read_catalog
from bundles.updates import (
    VerifiedUpdate,
    open_update,
    pin_update,
    read_update,
    remembered,
)
from installer.engine.anchors import anchor_file, choose_anchor, pin_anchor
from installer.engine.installed import read_installed
from installer.errors import ErrorKind
from installer.findings import Finding, Severity
from installer.trust_bodies import (
    GoodRelease,
    RevokedRelease,
    TrustMemory,
    TrustView,
)

if TYPE_CHECKING:
    from appliance.paths import HostPaths
    from bundles.trust.catalog import Catalog
    from installer.engine.site import Site
    from installer.trust_bodies import TrustRequest

__all__ = ["apply_update", "installed_floor", "look_at", "show_trust", "trust_notices"]

_REVOKED = ErrorKind(
    INSTALLED_REVOKED.code,
    INSTALLED_REVOKED.title,
    INSTALLED_REVOKED.meaning,
    INSTALLED_REVOKED.remedy,
)


def installed_floor(paths: HostPaths) -> TrustFloor | None:
    """Return number and time of the installed release, None where there is none."""
    found = read_installed(paths)
    if found is None:
        return None
    return TrustFloor(found.release.created, found.release.release_seq)


def show_trust(site: Site) -> TrustMemory:
    """Say what this host has trusted last."""
    paths = site.paths
    if not anchor_file(paths).exists():
        return TrustMemory(newest=None)
    found = remembered(choose_anchor(paths, None), paths.tuf)
    return TrustMemory(newest=None if found is None else _view(paths, found))


def look_at(site: Site, request: TrustRequest) -> TrustView:
    """Verify an update and say what it would tell this host; nothing is changed.

    Raises:
        BundleError: it, or the anchor, is refused.
        InstallerError: there is no anchor, or another one is pinned.
    """
    return _view(site.paths, _opened(site, request))


def apply_update(site: Site, request: TrustRequest) -> TrustView:
    """Make this host remember an update; it may be repeated.

    A newer key set of licenses and list of revoked ones count at once.

    Raises:
        LicenseError: the key set in it is not genuine.
        BundleError, InstallerError: as ``look_at``; nothing is changed then.
        OSError: the host cannot write; the same call may be repeated.
    """
    update = _opened(site, request)
    if site.paths.license.exists():
        site.licenses.take_trust(update)
    pin_anchor(site.paths, update.anchor)
    pin_update(update, site.paths.tuf)
    return _view(site.paths, update)


def trust_notices(paths: HostPaths) -> tuple[Finding, ...]:
    """Warn where the installed release was revoked; it goes on running."""
    if not (paths.tuf / "targets.json").exists():
        return ()
    try:
        return _notices(paths, read_catalog(load_state(paths.tuf).files))
    except BundleError as error:
        return (replace(Finding.from_error(error), severity=Severity.WARNING),)


def _opened(site: Site, request: TrustRequest) -> VerifiedUpdate:
    trust = Path(request.trust) if request.trust else None
    return open_update(
        read_update(Path(request.path)),
        anchor=choose_anchor(site.paths, trust),
        now=site.now(),
        trust_dir=site.paths.tuf,
        floor=installed_floor(site.paths),
    )


def _notices(paths: HostPaths, catalog: Catalog) -> tuple[Finding, ...]:
    installed = read_installed(paths)
    if installed is None:
        return ()
    revoked = catalog.revocation_of(installed.release.release_seq)
    if revoked is None:
        return ()
    return (Finding.of(_REVOKED, evidence=revoked.told, severity=Severity.WARNING),)


def _view(paths: HostPaths, update: VerifiedUpdate) -> TrustView:
    catalog = update.catalog
    return TrustView(
        version=update.version,
        known=update.known,
        root_version=update.root_version,
        created=catalog.created,
        expires=update.expires,
        good=tuple(
            GoodRelease(
                release_seq=one.release_seq,
                product_version=one.product_version,
                install_by=one.install_by,
            )
            for one in catalog.good
        ),
        revoked=tuple(
            RevokedRelease(
                release_seq=one.release_seq,
                product_version=one.product_version,
                since=one.since,
                version=one.version,
            )
            for one in catalog.revoked
        ),
        signers=tuple(f"{one.role} {one.key_id}" for one in update.signers),
        anchor_fingerprint=update.anchor.fingerprint,
        findings=_notices(paths, catalog),
    )
