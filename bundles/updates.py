"""Trust updates: make one as the vendor does, and judge one as a host does.

An update is signed metadata without a payload.  It brings newer keys (the chain of
roots), names the releases that are good and until when, and those that were revoked.
Looking at one changes nothing; ``pin_update`` makes a host remember it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, RepositoryError

from bundles.errors import (
    BundleError,
    ExpiredError,
    MediumError,
    MetadataError,
    OlderUpdateError,
    RollbackError,
    TrustUpdateError,
)
from bundles.files import read_beneath
from bundles.keys import ReleaseKeys
from bundles.medium import require_clock
from bundles.model import Signer
from bundles.timestamps import to_rfc3339
from bundles.trust.anchor import TrustAnchor
from bundles.trust.catalog import Catalog
from bundles.trust.fetcher import UpdateFetcher
from bundles.trust.inspect import expiries, newest_root, signers_of, version_of
from bundles.trust.roles import licensing_files, sign_metadata
from bundles.trust.state import TrustFloor, TrustState, load_state, save_state
from bundles.trust.translate import explained
from bundles.trust.update import UPDATE_LIMIT_BYTES, TrustUpdate
from bundles.trust.verified import VerifiedMetadata, read_catalog, verify_metadata

__all__ = [
    "VerifiedUpdate",
    "make_update",
    "open_update",
    "pin_update",
    "read_update",
    "remembered",
]

_LEAST_LIFE: Final = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class VerifiedUpdate:
    """What the vendor says in an update, or what a host remembers of that.

    ``version`` is that of the metadata, ``root_version`` that of the keys, and
    ``expires`` the aware time from which on the update counts no more.  ``known`` is
    the version that the host had before, None where it had none.  Key set and
    revocations of licenses are opaque here; what is remembered has none.
    """

    version: int
    root_version: int
    catalog: Catalog
    signers: tuple[Signer, ...]
    expires: datetime
    anchor: TrustAnchor
    trust_state: TrustState
    known: int | None
    keyset_bytes: bytes = field(default=b"", repr=False)
    revocations_bytes: bytes | None = field(default=None, repr=False)

    @property
    def license_anchor(self) -> bytes:
        """The root of trust for licenses."""
        return self.anchor.license_anchor


def make_update(
    catalog: Catalog,
    licensing: Mapping[str, bytes],
    *,
    keys: ReleaseKeys,
    version: int,
) -> TrustUpdate:
    """Sign a trust update.

    It counts for five years, and longer where a release may be installed longer.

    Args:
        catalog: every release that is still good, and those that were revoked.
        licensing: target -> content of the licensing role.
        keys: online keys and the whole root chain.
        version: larger than that of any medium or update before.
    """
    dates = (one.install_by for one in catalog.good)
    expires = max((catalog.created + _LEAST_LIFE, *dates))
    metadata = sign_metadata(
        catalog, licensing, signers=keys.signers, version=version, expires=expires
    )
    for number, root in enumerate(keys.root_chain, start=1):
        metadata[f"{number}.root.json"] = root
    return TrustUpdate(metadata, licensing_files(licensing))


def read_update(path: Path) -> TrustUpdate:
    """Read an update file; nothing in it is believed by that.

    Raises:
        TrustUpdateError: it cannot be read, is too large, or is something else.
    """
    try:
        data = read_beneath(path.parent, path.name, limit_bytes=UPDATE_LIMIT_BYTES)
    except (OSError, ValueError) as error:
        raise TrustUpdateError(f"{path}: {error}") from error
    return TrustUpdate.from_json(data)


def open_update(
    update: TrustUpdate,
    *,
    anchor: TrustAnchor,
    now: datetime,
    trust_dir: Path | None = None,
    floor: TrustFloor | None = None,
) -> VerifiedUpdate:
    """Verify an update against the anchor and what this host remembers.

    The arguments are those of ``bundles.medium.open_medium``.  The same update may be
    opened again after it was pinned.

    Raises:
        OlderUpdateError: this host has trusted newer metadata; both versions are told.
        MediumError: another vendor, too few signatures, a date, or damage.
        TrustStateError: the memory of this host is damaged.
    """
    state = load_state(trust_dir)
    known = state.floor.raised_to(TrustFloor(anchor.created))
    known = known.raised_to(floor or TrustFloor())
    require_clock(now, known.time, "the newest trusted signature")
    found = _verified(update, anchor, state)
    require_clock(now, found.catalog.created, "this trust update")
    expires = min(expiries(found.files).values())
    if now >= expires:
        message = f"the trust update was valid until {to_rfc3339(expires)}"
        raise ExpiredError(f"{message}, the clock says {to_rfc3339(now)}")
    reached = known.raised_to(TrustFloor(found.catalog.created))
    new = TrustState(found.files, reached, found.as_update)
    return replace(
        _described(new, anchor, known=_version(state)),
        keyset_bytes=found.keyset,
        revocations_bytes=found.revocations,
    )


def remembered(anchor: TrustAnchor, trust_dir: Path) -> VerifiedUpdate | None:
    """Return what a host remembers, None before it has trusted anything.

    Raises:
        TrustStateError: the memory of this host is damaged.
    """
    state = load_state(trust_dir)
    version = _version(state)
    return None if version is None else _described(state, anchor, known=version)


def pin_update(update: VerifiedUpdate, trust_dir: Path) -> None:
    """Remember the update durably; nothing older counts from now on.

    It may be repeated, also after a power loss in the middle.

    Raises:
        OSError: the folder cannot be written.
    """
    save_state(trust_dir, update.trust_state)


def _verified(
    update: TrustUpdate, anchor: TrustAnchor, state: TrustState
) -> VerifiedMetadata:
    files = update.files()

    def read(path: str, limit_bytes: int) -> bytes:
        data = files.get(path, b"")
        if len(data) > limit_bytes:
            raise ValueError(f"{path}: expected at most {limit_bytes} bytes")
        return data

    try:
        return verify_metadata(UpdateFetcher(files), anchor, state, lambda _: None)
    except (RepositoryError, DownloadError) as error:
        raise _refusal(explained(error, read, anchor, state)) from error


def _refusal(refusal: MediumError) -> BundleError:
    """Say of an update what would be said of a medium."""
    match refusal:
        case RollbackError():
            return OlderUpdateError(str(refusal))
        case MetadataError():
            return TrustUpdateError(str(refusal))
        case _:
            return refusal


def _version(state: TrustState) -> int | None:
    if "timestamp.json" not in state.files:
        return None
    return version_of(state.files, "timestamp")


def _described(
    state: TrustState, anchor: TrustAnchor, *, known: int | None
) -> VerifiedUpdate:
    files = state.files
    return VerifiedUpdate(
        version=version_of(files, "timestamp"),
        root_version=newest_root(files).signed.version,
        catalog=read_catalog(files),
        signers=signers_of(files),
        expires=min(expiries(files).values()),
        anchor=anchor,
        trust_state=state,
        known=known,
    )
