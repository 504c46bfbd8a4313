"""Build a delta medium: the full one, without the blobs that a host has.

The full medium is made first; everything that the delta carries is copied from it and
compared with the list of the full medium on the way.  So release description and trust
metadata are the same bytes on both, and any number of deltas can follow from one release.
"""

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from bundles.build import MediumSummary
from bundles.chains import present_layers
from bundles.contents import SUMS_FILE
from bundles.delta import DELTA_README, Delta, DeltaSince, may_be_left_out
from bundles.delta_readme import delta_readme
from bundles.digests import Progress, no_progress, sha256_digest
from bundles.errors import BuildError, PassportError
from bundles.files import fsync_directory
from bundles.keys import ReleaseKeys
from bundles.passport import parse_passport
from bundles.release import Release, ReleaseFile, parse_release
from bundles.trust.delta_list import sign_delta
from bundles.writer import MediumWriter

__all__ = ["DeltaBasis", "build_delta", "left_out"]

_SUM: Final = re.compile(r"([0-9a-f]{64})  (\S.*)")
_BLOB: Final = re.compile(r"(oci|models)/blobs/sha256/[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class DeltaBasis:
    """What a host is taken to have."""

    since: DeltaSince
    chains: tuple[tuple[str, ...], ...]
    files: frozenset[str]
    """Digests of model files."""

    @classmethod
    def of_passport(cls, data: bytes) -> "DeltaBasis":
        """Believe a passport.

        Raises:
            PassportError: it is none.
        """
        passport = parse_passport(data)
        installed = passport.release
        since = DeltaSince(
            kind="passport",
            digest=sha256_digest(data),
            product_version=installed.product_version if installed else None,
            release_seq=installed.release_seq if installed else None,
        )
        files = frozenset(file.digest for file in passport.model_files)
        return cls(since, passport.chains, files)

    @classmethod
    def of_release(cls, data: bytes) -> "DeltaBasis":
        """Take a host to have all of an earlier release, from its release.json.

        Raises:
            ReleaseError: it is none.
        """
        release = parse_release(data)
        since = DeltaSince(
            kind="release",
            digest=sha256_digest(data),
            product_version=release.product_version,
            release_seq=release.release_seq,
        )
        chains = tuple(image.diff_ids for image in release.images)
        files = frozenset(f.digest for model in release.models for f in model.files)
        return cls(since, chains, files)

    def require_not_newer(self, release_seq: int) -> None:
        """Refuse to make what a host would refuse: it never goes back.

        Raises:
            PassportError: the host has a newer release than ``release_seq``.
        """
        number = self.since.release_seq or 0
        if number > release_seq:
            message = f"expected a release from number {number} on for"
            raise PassportError(f"{message} {self.since.name}, found {release_seq}")


def left_out(release: Release, basis: DeltaBasis) -> tuple[ReleaseFile, ...]:
    """Return what a host with ``basis`` does not need of a release, by path.

    A layer is needed wherever one image lacks it, because an engine knows a layer by
    what is below it: the same blob upon other layers does not help.

    Raises:
        PassportError: the host has a newer release, and would refuse this one.
    """
    basis.require_not_newer(release.release_seq)
    needed = {
        layer.digest
        for image in release.images
        for layer in image.layers[present_layers(image, basis.chains) :]
    }
    needed |= {
        file.digest
        for model in release.models
        for file in model.files
        if file.digest not in basis.files
    }
    every = may_be_left_out(release)
    return tuple(
        every[path] for path in sorted(every) if every[path].digest not in needed
    )


def build_delta(  # noqa: PLR0913 - all by name
    out: Path,
    *,
    full: Path,
    release_json: bytes,
    basis: DeltaBasis,
    release_keys: ReleaseKeys,
    on_progress: Progress = no_progress,
) -> MediumSummary:
    """Write to the new folder ``out`` what a host with ``basis`` needs of a release.

    If it has nothing of it, a full medium is written.

    Args:
        out: must not exist; it appears only when the medium is complete.
        full: the full medium, already verified or just built.
        release_json: the signed bytes of its release.
        basis: what may be left out.
        release_keys: of which ``targets`` signs the list.
        on_progress: gets bytes done and in total.

    Raises:
        BuildError: the folder is there, or the full medium is not what it lists.
        PassportError: the host has a newer release.
    """
    if out.exists():
        raise BuildError(f"expected a new folder for the medium: {out} exists")
    release = parse_release(release_json)
    absent = left_out(release, basis)
    sums = _sums(full)
    carried = {path: d for path, d in sums.items() if path not in _paths(absent)}
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        total_bytes = sum((full / path).stat().st_size for path in carried)
        writer = MediumWriter(partial, total_bytes, on_progress)
        _copy(writer, full, carried)
        if absent:
            text = delta_readme(release, basis.since, absent)
            readme = text.encode("ascii", "backslashreplace")
            delta = _delta(release_json, basis.since, absent, readme)
            signed = sign_delta(delta, release_keys.signers["targets"])
            for path, data in {DELTA_README: readme, **signed.files}.items():
                writer.add_bytes(path, data)
        digest = writer.finish()
        partial.rename(out)
    except (OSError, ValidationError) as error:
        raise BuildError(f"{out}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    fsync_directory(out.parent)
    return MediumSummary(out, release, writer.size_bytes, digest)


def _paths(files: Iterable[ReleaseFile]) -> frozenset[str]:
    return frozenset(file.path for file in files)


def _sums(full: Path) -> dict[str, str]:
    """Return path -> digest of every file of a full medium but the list itself."""
    try:
        lines = (full / SUMS_FILE).read_text("ascii").splitlines()
    except (OSError, ValueError) as error:
        raise BuildError(f"{full}: expected a readable {SUMS_FILE}") from error
    found = [_SUM.fullmatch(line) for line in lines]
    sums = {one[2]: f"sha256:{one[1]}" for one in found if one is not None}
    if len(sums) != len(lines) or not sums:
        raise BuildError(f"{full / SUMS_FILE}: expected one digest and path per line")
    if DELTA_README in sums:
        raise BuildError(f"{full}: expected a full medium, found a delta medium")
    return sums


def _copy(writer: MediumWriter, full: Path, carried: Mapping[str, str]) -> None:
    for path, digest in carried.items():
        source = full / path
        blob = _BLOB.fullmatch(path)
        if blob is not None:
            writer.add_blob(blob[1], source, expected=digest)
            continue
        data = source.read_bytes()
        if (found := sha256_digest(data)) != digest:
            raise BuildError(f"{source}: expected {digest}, found {found}")
        writer.add_bytes(path, data, executable=os.access(source, os.X_OK))


def _delta(
    release_json: bytes, since: DeltaSince, absent: Sequence[ReleaseFile], readme: bytes
) -> Delta:
    return Delta(
        release=sha256_digest(release_json),
        since=since,
        left_out=tuple(absent),
        readme=ReleaseFile(
            path=DELTA_README, digest=sha256_digest(readme), size_bytes=len(readme)
        ),
    )
