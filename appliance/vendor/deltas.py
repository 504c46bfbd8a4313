"""Delta media for the vendor: what `--since` may name, and a delta of a full medium.

releases/N.release.json     in the key folder: what release N carries, kept at its build
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.vendor.keys import KeyFolder
from bundles.build import MediumSummary
from bundles.build_delta import DeltaBasis, build_delta
from bundles.digests import Progress
from bundles.errors import BuildError
from bundles.files import write_durably
from bundles.keys import ReleaseKeys, load_release_keys
from bundles.medium import (
    Severity,
    Signer,
    VerifiedMedium,
    open_medium,
    verify_documents,
)
from bundles.passport import read_passport
from bundles.release import RELEASE_LIMIT_BYTES, Release
from bundles.strict_json import MalformedJsonError, parse_json
from bundles.trust.anchor import TrustAnchor

__all__ = ["DeltaOrder", "basis_of", "delta_of", "keep_description", "place"]

_PASSPORT: Final = "passport"


@dataclass(frozen=True, slots=True)
class DeltaOrder:
    """Which delta to make.

    Attributes:
        full: folder of the full medium.
        basis: what may be left out.
        output: folder for the delta.
        now: aware time, to judge the full medium by.
        replace: whether an existing medium may be replaced.
    """

    full: Path
    basis: DeltaBasis
    output: Path
    now: datetime
    replace: bool = False


def basis_of(since: str, keys: KeyFolder) -> DeltaBasis:
    """Read what `--since` names: a passport, a medium, a release.json or a number.

    Raises:
        PassportError: a passport that is not valid.
        ReleaseError: a release.json that is not valid.
        BuildError: nothing of all that.
    """
    if since.isdecimal():
        path = _description(keys, int(since))
        if not path.is_file():
            raise BuildError(f"expected a record of release {since}: {path} is missing")
        return DeltaBasis.of_release(_small(path))
    path = Path(since)
    if path.is_dir():
        return DeltaBasis.of_release(_small(_release_file(path)))
    data = _small(path)
    if _kind(data) == _PASSPORT:
        return DeltaBasis.of_passport(read_passport(path))
    return DeltaBasis.of_release(data)


def keep_description(keys: KeyFolder, release: Release) -> None:
    """Keep what a release carries, so that `--since N` can name it later."""
    path = _description(keys, release.release_seq)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_durably(path, release.to_json())


def delta_of(
    order: DeltaOrder, keys: KeyFolder, passphrase: bytes, *, on_progress: Progress
) -> MediumSummary:
    """Make a delta of a full medium, which is verified first, and look at the result.

    Raises:
        ApplianceError, BundleError: nothing was written to `order.output`.
    """
    keys.require()
    if order.output.exists() and not order.replace:
        raise BuildError(f"expected a new folder for the medium: {order.output} exists")
    anchor = TrustAnchor.from_json(keys.anchor.read_bytes())
    release_keys = load_release_keys(keys.release, passphrase)
    medium = _intact(order.full, anchor, order.now)
    _require_same_key(medium, release_keys)

    def build(fresh: Path) -> MediumSummary:
        summary = build_delta(
            fresh,
            full=order.full,
            release_json=medium.release_json,
            basis=order.basis,
            release_keys=release_keys,
            on_progress=on_progress,
        )
        _intact(fresh, anchor, order.now)
        return summary

    return place(order.output, build)


def place(output: Path, build: Callable[[Path], MediumSummary]) -> MediumSummary:
    """Build into a folder beside ``output`` and swap it in; the old one goes last."""
    fresh, old = (output.with_name(f".{output.name}.{end}") for end in ("new", "old"))
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        summary = build(fresh)
        if output.exists():
            output.rename(old)
        fresh.rename(output)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return summary


def _intact(path: Path, anchor: TrustAnchor, now: datetime) -> VerifiedMedium:
    """Return a medium of ours, whose documents were verified."""
    medium = open_medium(path, anchor=anchor, now=now)
    for problem in verify_documents(medium):
        if problem.severity is Severity.ERROR:
            raise BuildError(f"{path}: {problem.title}: {problem.evidence}")
    return medium


def _require_same_key(medium: VerifiedMedium, keys: ReleaseKeys) -> None:
    """Refuse to sign a list that the roots on the full medium do not vouch for."""
    signer = keys.signers["targets"].public_key.keyid
    if Signer("targets", signer) not in medium.signers:
        number = medium.release.release_seq
        message = f"expected a full medium that the key {signer} has signed"
        raise BuildError(f"{message}: keys were rotated; build release {number} again")


def _description(keys: KeyFolder, number: int) -> Path:
    return keys.path / "releases" / f"{number}.release.json"


def _release_file(medium: Path) -> Path:
    found = sorted((medium / "release").glob("*release.json"))
    if len(found) != 1:
        message = f"expected one release.json in {medium / 'release'}"
        raise BuildError(f"{message}, found {len(found)}")
    return found[0]


def _small(path: Path) -> bytes:
    """Read a plain file of at most 4 MiB."""
    try:
        if not path.is_file():
            raise BuildError(f"{path}: expected a passport, a medium or a release.json")
        if (size_bytes := path.stat().st_size) > RELEASE_LIMIT_BYTES:
            message = f"expected at most {RELEASE_LIMIT_BYTES} bytes"
            raise BuildError(f"{path}: {message}, found {size_bytes}")
        return path.read_bytes()
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}") from error


def _kind(data: bytes) -> str:
    """Tell what a file says it is; a damaged one is called a passport, as most are."""
    try:
        value = parse_json(data, limit_bytes=RELEASE_LIMIT_BYTES)
    except MalformedJsonError:
        return _PASSPORT
    match value:
        case {"images": list(), "release_seq": int()}:
            return "release"
        case _:
            return _PASSPORT
