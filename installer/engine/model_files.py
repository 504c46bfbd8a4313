"""Files of installed models, by digest: another model may take them over."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bundles.digests import chunks_of, sha256_of
from bundles.files import open_beneath

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from bundles.release import ReleaseFile

__all__ = ["digest_of", "files_of_models", "known_files"]


def files_of_models(folder: Path) -> Iterator[Path]:
    """Yield the plain files of all installed models, in a fixed order."""
    for model in sorted(folder.iterdir()) if folder.is_dir() else ():
        if model.is_dir() and not model.name.startswith("."):
            files = (one for one in model.rglob("*") if not one.is_symlink())
            yield from sorted(one for one in files if one.is_file())


def known_files(folder: Path, wanted: Iterable[ReleaseFile]) -> dict[str, Path]:
    """Return digest -> path of the wanted files that are there.

    Only files of a wanted size are read.

    Raises:
        OSError: the folder cannot be read.
    """
    digests: dict[int, set[str]] = {}
    for file in wanted:
        digests.setdefault(file.size_bytes, set()).add(file.digest)
    found: dict[str, Path] = {}
    for path in files_of_models(folder) if digests else ():
        sought = digests.get(path.stat().st_size, set()) - found.keys()
        if sought and (digest := digest_of(path)) in sought:
            found[digest] = path
    return found


def digest_of(path: Path) -> str:
    """Return the digest of a file; one that did not change is read once.

    Raises:
        OSError: it cannot be read.
    """
    status = path.stat()
    return _read(path, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _read(path: Path, _inode: int, _size_bytes: int, _changed_ns: int) -> str:
    with open_beneath(path.parent, path.name) as stream:
        return sha256_of(chunks_of(stream))
