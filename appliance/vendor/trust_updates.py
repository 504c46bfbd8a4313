"""Make a trust update: rotate keys, revoke releases, extend install-by dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appliance.vendor.keys import ROOT_LIFE, KeyFolder
from appliance.vendor.license_keys import load_keyset_bytes, load_revocations_bytes
from appliance.vendor.license_roots import RootFile
from bundles.errors import UpdateInputError
from bundles.keys import ROOT_KEYS, load_release_keys, load_signer, rotate_online_keys
from bundles.trust.catalog import Catalog
from bundles.trust.roles import KEYSET_TARGET, REVOCATIONS_TARGET
from bundles.updates import make_update

__all__ = ["IssuedUpdate", "UpdateOrder", "issue_update", "release_roots"]


@dataclass(frozen=True, slots=True)
class UpdateOrder:
    """What an update shall change; nothing at all is possible too.

    Attributes:
        created: aware time; no site takes the update while its clock is before it.
        revoke: sequences of releases to withdraw.
        install_by: aware time until which every good release may be installed at
            least, or None.
        rotate_with: root keys that sign for new online keys; none keeps the keys.
    """

    created: datetime
    revoke: tuple[int, ...] = ()
    install_by: datetime | None = None
    rotate_with: tuple[RootFile, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuedUpdate:
    """A signed update: the file, its version, and what it says."""

    data: bytes
    version: int
    catalog: Catalog


def release_roots(
    folder: KeyFolder, passphrase: bytes, on_media: Sequence[RootFile]
) -> tuple[RootFile, ...]:
    """Return root keys of releases: those on custodians' media, then the folder's."""
    paths = (folder.release / f"{name}.pem" for name in ROOT_KEYS)
    here = (RootFile(path, passphrase) for path in paths if path.exists())
    return (*on_media, *here)


def issue_update(
    folder: KeyFolder, passphrase: bytes, order: UpdateOrder
) -> IssuedUpdate:
    """Sign an update and note it in the register.

    What was asked for may be asked for again: a lost file is replaced by a newer one.

    Raises:
        UpdateInputError: a release is unknown, or a date is over.
        BundleError: a key cannot be used.
    """
    folder.require()
    releases = folder.releases
    version = releases.next_version()
    _check(releases.catalog(version, order.created), order)
    keys = load_release_keys(folder.release, passphrase)
    if order.rotate_with:
        keys = rotate_online_keys(
            folder.release,
            passphrase,
            root_signers=[load_signer(r.path, r.passphrase) for r in order.rotate_with],
            expires=order.created + ROOT_LIFE,
        )
    releases.add_update(
        version, order.created, revoked=order.revoke, install_by=order.install_by
    )
    catalog = releases.catalog(version + 1, order.created)
    licensing = {KEYSET_TARGET: load_keyset_bytes(folder.license)}
    revocations = load_revocations_bytes(folder.license)
    if revocations is not None:
        licensing[REVOCATIONS_TARGET] = revocations
    update = make_update(catalog, licensing, keys=keys, version=version)
    return IssuedUpdate(update.to_json(), version, catalog)


def _check(catalog: Catalog, order: UpdateOrder) -> None:
    known = {one.release_seq for one in catalog.good}
    known |= {one.release_seq for one in catalog.revoked}
    unknown = sorted(set(order.revoke) - known)
    if unknown:
        have = ", ".join(map(str, sorted(known))) or "none"
        message = f"expected a registered release ({have})"
        raise UpdateInputError(f"{message}, found number {unknown[0]}")
    if order.install_by is not None and order.install_by <= order.created:
        raise UpdateInputError("expected an install-by date in the future")
