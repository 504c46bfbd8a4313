"""Open a release medium: decide whether to believe it before anything is read from it.

The order is the point: TUF verifies the metadata against the anchor, then dates and
numbers are judged against the floor, and only then is release.json parsed.  Opening
changes nothing, neither on the medium nor on the host.
"""

import os
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, RepositoryError

from bundles.errors import (
    ClockBehindError,
    ExpiredError,
    NotAMediumError,
    ReleaseError,
    RevokedError,
    RollbackError,
    UnreadableError,
)
from bundles.model import MediumProblem, Severity, Signer, VerifiedMedium
from bundles.release import Release, parse_release
from bundles.timestamps import to_rfc3339
from bundles.trust.anchor import TrustAnchor
from bundles.trust.catalog import Catalog, ListedRelease
from bundles.trust.delta_list import read_delta
from bundles.trust.fetcher import DirectoryFetcher, UpdateFetcher
from bundles.trust.inspect import expiries, newest_root, signers_of
from bundles.trust.state import TrustFloor, TrustState, load_state, save_state
from bundles.trust.translate import translated
from bundles.trust.verified import VerifiedMetadata, verify_metadata
from bundles.verify import check_layout, verify_documents, verify_payload

__all__ = [
    "CLOCK_TOLERANCE",
    "MediumProblem",
    "Severity",
    "Signer",
    "VerifiedMedium",
    "check_layout",
    "open_medium",
    "pin_trust",
    "require_clock",
    "verify_documents",
    "verify_payload",
]

CLOCK_TOLERANCE: Final = timedelta(days=1)
"""How far the clock of a site may be behind the clock of the vendor."""


def open_medium(
    path: Path,
    *,
    anchor: TrustAnchor,
    now: datetime,
    trust_dir: Path | None = None,
    floor: TrustFloor | None = None,
) -> VerifiedMedium:
    """Verify the metadata of the medium at ``path`` and read its release.

    Where this host has trusted newer metadata than the medium carries, that decides:
    it may vouch for the release until another date, or revoke it.

    Args:
        path: folder of the medium; may be read-only.
        anchor: whom this host believes.
        now: aware time.  Dates are judged by it; ``ngclient`` also judges them by the
            wall clock (it takes no other), so the later of both decides.
        trust_dir: what this host remembers; None or a missing folder is no memory.
        floor: what else is known (release number and time of the installed release),
            kept where a lost ``trust_dir`` does not erase it.

    Returns:
        The medium, believed; its payload still has to be verified.

    Raises:
        MediumError: refused; the subclass and its code say why.
        TrustStateError: the memory of this host is damaged.
    """
    _require_medium(path)
    state = load_state(trust_dir)
    known = state.floor.raised_to(TrustFloor(anchor.created))
    known = known.raised_to(floor or TrustFloor())
    require_clock(now, known.time, "the newest trusted signature")
    found, own = _verified(path, anchor, state)
    files = found.files
    install_by = _require_unexpired(found, now)
    release = _release_of(found)
    _require_not_older(release, known)
    require_clock(now, release.created, "this release")
    reached = TrustFloor(release.created, release.release_seq)
    return VerifiedMedium(
        path=path,
        anchor=anchor,
        release=release,
        release_json=found.release_json,
        keyset_bytes=found.keyset,
        revocations_bytes=found.revocations,
        signers=signers_of(files),
        install_by=install_by,
        trust_state=TrustState(files, known.raised_to(reached), found.as_update),
        own_metadata=own,
        delta=read_delta(path, release, found.release_json, newest_root(files).signed),
    )


def pin_trust(medium: VerifiedMedium, trust_dir: Path) -> None:
    """Remember durably that this medium was trusted; nothing older is from now on.

    Call it when the operator decides to install, not to look.  It may be repeated.

    Raises:
        OSError: the folder cannot be written.
    """
    save_state(trust_dir, medium.trust_state)


def _require_medium(path: Path) -> None:
    try:
        missing = [
            name
            for name in ("tuf/timestamp.json", "release")
            if not os.path.lexists(path / name)
        ]
        path.stat()
    except FileNotFoundError as error:
        raise NotAMediumError(f"{path}: expected a folder, found nothing") from error
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from error
    if missing:
        raise NotAMediumError(f"{path}: expected {missing[0]}, found nothing there")


def _verified(
    path: Path, anchor: TrustAnchor, state: TrustState
) -> tuple[VerifiedMetadata, bool]:
    """Return the metadata in force, and whether it is the medium's own."""
    medium = DirectoryFetcher(path)
    choose = partial(_release_on, path)
    try:
        return verify_metadata(medium, anchor, state, choose), True
    except (RepositoryError, DownloadError) as error:
        refusal = translated(error, path, anchor, state)
        if state.newest is None or isinstance(error, DownloadError):
            raise refusal from error
    memory = UpdateFetcher(state.newest.files(), medium)
    try:
        return verify_metadata(memory, anchor, state, choose), False
    except (RepositoryError, DownloadError) as error:
        raise refusal from error


def _release_on(path: Path, catalog: Catalog) -> ListedRelease:
    """Pick the release whose description is on the medium.

    Raises:
        RevokedError: it was revoked.
        RepositoryError: nobody vouches for it.
    """
    for revoked in catalog.revoked:
        if os.path.lexists(path / "release" / revoked.file):
            raise RevokedError(revoked.told)
    for listed in reversed(catalog.good):
        if os.path.lexists(path / "release" / listed.file):
            return listed
    raise RepositoryError("expected a release with a signature, found none in release/")


def _release_of(found: VerifiedMetadata) -> Release:
    release = parse_release(found.release_json)
    if found.listed is None or release.release_seq != found.listed.release_seq:
        message = f"release.json: found number {release.release_seq}"
        raise ReleaseError(f"{message}, signed as another release")
    return release


def require_clock(now: datetime, floor: datetime, what: str) -> None:
    """Refuse a clock that is before what was signed, for it cannot judge any date.

    Raises:
        ClockBehindError: it names ``what`` is of the time ``floor``.
    """
    if now < floor - CLOCK_TOLERANCE:
        message = f"{what} is of {to_rfc3339(floor)}, the clock says {to_rfc3339(now)}"
        raise ClockBehindError(message)


def _require_unexpired(found: VerifiedMetadata, now: datetime) -> datetime:
    dates = expiries(found.files)
    if found.listed is not None:
        dates["release"] = found.listed.install_by
    role, until = min(dates.items(), key=lambda item: item[1])
    if now >= until:
        message = f"{role} was valid until {to_rfc3339(until)}"
        raise ExpiredError(f"{message}, the clock says {to_rfc3339(now)}")
    return until


def _require_not_older(release: Release, known: TrustFloor) -> None:
    if release.release_seq < known.release_seq:
        message = f"expected release number {known.release_seq} or more"
        raise RollbackError(f"{message}, found {release.release_seq}")
