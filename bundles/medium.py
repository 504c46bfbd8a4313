"""Open a release medium: decide whether to believe it before anything is read from it.

The order is the point: TUF verifies the metadata against the anchor, then dates and
numbers are judged against the floor, and only then is release.json parsed.  Opening
changes nothing, neither on the medium nor on the host.
"""

import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, RepositoryError

from bundles.errors import (
    ClockBehindError,
    ExpiredError,
    MetadataError,
    NotAMediumError,
    RollbackError,
    UnreadableError,
)
from bundles.model import MediumProblem, Severity, Signer, VerifiedMedium
from bundles.release import RELEASE_LIMIT_BYTES, Release, parse_release
from bundles.timestamps import to_rfc3339
from bundles.trust.anchor import TrustAnchor
from bundles.trust.client import TrustClient
from bundles.trust.delta_list import read_delta
from bundles.trust.fetcher import METADATA_URL, TARGET_URL, DirectoryFetcher
from bundles.trust.inspect import expiries, newest_root, signers_of
from bundles.trust.roles import (
    KEYSET_TARGET,
    RELEASE_TARGET,
    REVOCATIONS_TARGET,
    ReleaseTargets,
)
from bundles.trust.state import (
    TrustFloor,
    TrustState,
    files_from,
    files_to,
    load_state,
    save_state,
)
from bundles.trust.translate import translated
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
    "verify_documents",
    "verify_payload",
]

CLOCK_TOLERANCE: Final = timedelta(days=1)
"""How far the clock of a site may be behind the clock of the vendor."""

_LICENSING_LIMIT_BYTES: Final = 64 * 1024


def open_medium(
    path: Path,
    *,
    anchor: TrustAnchor,
    now: datetime,
    trust_dir: Path | None = None,
    floor: TrustFloor | None = None,
) -> VerifiedMedium:
    """Verify the metadata of the medium at ``path`` and read its release.

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
    _require_clock(now, known.time, "the newest trusted signature")
    files, targets = _verified_targets(path, anchor, state)
    install_by = _require_unexpired(files, now)
    release = parse_release(targets.release_json)
    _require_not_older(release, known)
    _require_clock(now, release.created, "this release")
    reached = TrustFloor(release.created, release.release_seq)
    return VerifiedMedium(
        path=path,
        anchor=anchor,
        release=release,
        release_json=targets.release_json,
        keyset_bytes=targets.keyset,
        revocations_bytes=targets.revocations,
        signers=signers_of(files),
        install_by=install_by,
        trust_state=TrustState(files, known.raised_to(reached)),
        delta=read_delta(
            path, release, targets.release_json, newest_root(files).signed
        ),
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


def _verified_targets(
    path: Path, anchor: TrustAnchor, state: TrustState
) -> tuple[dict[str, bytes], ReleaseTargets]:
    """Let TUF work in a scratch folder; return its files and the small targets."""
    with tempfile.TemporaryDirectory(prefix="anechoic-trust-") as name:
        scratch = Path(name)
        files_to(scratch, state.files)
        try:
            client = TrustClient(
                state_dir=scratch,
                metadata_url=METADATA_URL,
                target_url=TARGET_URL,
                fetcher=DirectoryFetcher(path),
                bootstrap=anchor.root,
            )
            client.refresh()
            release = client.read_target(
                RELEASE_TARGET, limit_bytes=RELEASE_LIMIT_BYTES
            )
            keyset, revocations = (
                client.read_target(name, limit_bytes=_LICENSING_LIMIT_BYTES)
                for name in (KEYSET_TARGET, REVOCATIONS_TARGET)
            )
        except (RepositoryError, DownloadError) as error:
            raise translated(error, path, anchor, state) from error
        if release is None or keyset is None:
            missing = RELEASE_TARGET if release is None else KEYSET_TARGET
            raise MetadataError(f"expected a signature for {missing}, found none")
        targets = ReleaseTargets(release, keyset, revocations)
        return files_from(scratch), targets


def _require_clock(now: datetime, floor: datetime, what: str) -> None:
    if now < floor - CLOCK_TOLERANCE:
        message = f"{what} is of {to_rfc3339(floor)}, the clock says {to_rfc3339(now)}"
        raise ClockBehindError(message)


def _require_unexpired(files: dict[str, bytes], now: datetime) -> datetime:
    role, until = min(expiries(files).items(), key=lambda item: item[1])
    if now >= until:
        message = f"{role} was valid until {to_rfc3339(until)}"
        raise ExpiredError(f"{message}, the clock says {to_rfc3339(now)}")
    return until


def _require_not_older(release: Release, known: TrustFloor) -> None:
    if release.release_seq < known.release_seq:
        message = f"expected release number {known.release_seq} or more"
        raise RollbackError(f"{message}, found {release.release_seq}")
