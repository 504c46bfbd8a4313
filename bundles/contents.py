"""The list of files a medium must consist of, and what each must hold."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from bundles.digests import hex_of, sha256_digest
from bundles.files import is_safe_path, read_beneath
from bundles.model import VerifiedMedium
from bundles.release import Release, model_blob, oci_blob
from bundles.trust.inspect import root_version, version_of
from bundles.trust.roles import ReleaseTargets

__all__ = [
    "SUMS_FILE",
    "ExpectedFile",
    "expected_files",
    "payload_files",
    "sums_text",
]

SUMS_FILE: Final = "SHA256SUMS"
_ROOT_FILE: Final = re.compile(r"[1-9][0-9]{0,2}\.root\.json")
_ROOT_LIMIT_BYTES: Final = 512_000
_MAX_PAPERS: Final = 300


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """Digest and size in bytes that a file must have."""

    digest: str
    size_bytes: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Describe a file that holds ``data``."""
        return cls(sha256_digest(data), len(data))


def expected_files(medium: VerifiedMedium) -> dict[str, ExpectedFile]:
    """Return path -> expectation of every file of the medium, sorted by path."""
    release = medium.release
    found = payload_files(release)
    if (signed := medium.delta) is not None:
        left_out, readme = signed.delta.paths, signed.delta.readme
        found = {path: file for path, file in found.items() if path not in left_out}
        found[readme.path] = ExpectedFile(readme.digest, readme.size_bytes)
        found |= {path: ExpectedFile.of(d) for path, d in signed.files.items()}
    found |= {f.path: ExpectedFile(f.digest, f.size_bytes) for f in release.documents}
    found |= {path: ExpectedFile.of(d) for path, d in _small_files(medium).items()}
    found[SUMS_FILE] = ExpectedFile.of(
        sums_text({path: file.digest for path, file in found.items()})
    )
    return dict(sorted(found.items()))


def sums_text(digests: Mapping[str, str]) -> bytes:
    """Return the list that ``sha256sum -c`` reads, from path -> digest."""
    lines = [f"{hex_of(digests[path])}  {path}\n" for path in sorted(digests)]
    return "".join(lines).encode()


def payload_files(release: Release) -> dict[str, ExpectedFile]:
    """Return path -> expectation of the blobs of images and models: nearly all bytes."""
    found: dict[str, ExpectedFile] = {}

    def add(path: str, digest: str, size_bytes: int) -> None:
        found[path] = ExpectedFile(digest, size_bytes)

    for image in release.images:
        for digest, size_bytes in image.blobs():
            add(oci_blob(digest), digest, size_bytes)
    for model in release.models:
        for file in model.files:
            add(model_blob(file.digest), file.digest, file.size_bytes)
    return found


def _small_files(medium: VerifiedMedium) -> dict[str, bytes]:
    targets = ReleaseTargets(
        medium.release.release_seq,
        medium.release_json,
        medium.keyset_bytes,
        medium.revocations_bytes,
    )
    named = {f"release/{name}": data for name, data in targets.files().items()}
    if not medium.own_metadata:
        return {**dict(_unused_papers(medium.path)), **_release_only(named)}
    return {
        **named,
        **{f"tuf/{name}": data for name, data in _metadata(medium).items()},
    }


def _release_only(files: Mapping[str, bytes]) -> dict[str, bytes]:
    folder = "release/licensing/"
    return {p: data for p, data in files.items() if not p.startswith(folder)}


def _unused_papers(root: Path) -> Iterable[tuple[str, bytes]]:
    """Yield metadata and licensing files that newer ones on this host replace.

    Nobody reads them; they are listed so that SHA256SUMS can be compared.
    """
    for folder in ("tuf", "release/licensing"):
        for name in _names(root / folder)[:_MAX_PAPERS]:
            if is_safe_path(name):
                path = f"{folder}/{name}"
                yield path, _read_quietly(root, path)


def _metadata(medium: VerifiedMedium) -> dict[str, bytes]:
    """Return the TUF files as they stand on a medium: with their versions."""
    files = medium.trust_state.files
    roots = [name for name in files if name.startswith("root_history/")]
    found = dict(_roots_before_anchor(medium))
    found |= {f"{root_version(name)}.root.json": files[name] for name in roots}
    for name, data in files.items():
        role = name.removesuffix(".json")
        if name == "timestamp.json":
            found[name] = data
        elif name not in roots:
            found[f"{version_of(files, role)}.{name}"] = data
    return found


def _roots_before_anchor(medium: VerifiedMedium) -> Iterable[tuple[str, bytes]]:
    """Yield the roots that the anchor has replaced, as they are on the medium.

    Nothing can vouch for them and nobody reads them; they are listed so that
    SHA256SUMS, which the vendor wrote with them, can be compared.
    """
    for name in _names(medium.path / "tuf"):
        if _ROOT_FILE.fullmatch(name) is None:
            continue
        if root_version(name) < medium.anchor.root_version:
            yield name, _read_quietly(medium.path, f"tuf/{name}")


def _names(folder: Path) -> list[str]:
    try:
        return sorted(item.name for item in folder.iterdir())
    except OSError:
        return []


def _read_quietly(root: Path, path: str) -> bytes:
    try:
        return read_beneath(root, path, limit_bytes=_ROOT_LIMIT_BYTES)
    except (OSError, ValueError):
        return b""
