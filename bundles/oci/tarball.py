"""A tar stream in which nothing depends on the machine that writes it."""

import tarfile
from collections.abc import Iterable, Iterator
from typing import Final

from bundles.digests import chunks_of
from bundles.errors import BuildError
from bundles.oci.entries import Entry, EntryKind

__all__ = [
    "END_OF_ARCHIVE",
    "LAYER_TIME",
    "content_bytes",
    "in_order",
    "layer_tar",
    "padding",
    "tar_header",
]

BLOCK_BYTES: Final = 512
END_OF_ARCHIVE: Final = bytes(2 * BLOCK_BYTES)
LAYER_TIME: Final = 1_577_836_800
"""2020-01-01: the same in every layer of every release, so that equal content is an
equal layer; not 0, because zip files cannot say a year before 1980."""


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return ``entries`` sorted by the bytes of their paths, each folder once.

    Raises:
        BuildError: two different entries have one path.
    """
    by_path: dict[str, Entry] = {}
    for entry in entries:
        known = by_path.setdefault(entry.path, entry)
        both_folders = known.kind is entry.kind is EntryKind.FOLDER
        if known is not entry and not both_folders:
            raise BuildError(f"expected one entry for {entry.path!r}, found two")
    return sorted(by_path.values(), key=lambda entry: entry.path.encode())


def content_bytes(entries: Iterable[Entry]) -> int:
    """Return the size of all files in bytes."""
    return sum(entry.size_bytes for entry in entries)


def layer_tar(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the tar of ``entries``, as they come from ``in_order``.

    Raises:
        BuildError: a file changed its size.
    """
    for entry in entries:
        yield _entry_header(entry)
        if entry.kind is EntryKind.FILE:
            yield from _file_content(entry)
    yield END_OF_ARCHIVE


def tar_header(name: str, size_bytes: int, *, folder: bool = False) -> bytes:
    """Return the header of a plain file (0644) or folder (0755) with a fixed time."""
    info = tarfile.TarInfo(name)
    info.mtime = LAYER_TIME
    info.type = tarfile.DIRTYPE if folder else tarfile.REGTYPE
    info.mode = 0o755 if folder else 0o644
    info.size = size_bytes
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8")


def padding(size_bytes: int) -> bytes:
    """Return the zero bytes that fill the last block of a member."""
    return bytes(-size_bytes % BLOCK_BYTES)


def _entry_header(entry: Entry) -> bytes:
    info = tarfile.TarInfo(entry.path)
    info.mtime = LAYER_TIME
    match entry.kind:
        case EntryKind.FOLDER:
            info.type, info.mode = tarfile.DIRTYPE, 0o755
        case EntryKind.LINK:
            info.type, info.mode = tarfile.SYMTYPE, 0o777
            info.linkname = entry.link_target
        case EntryKind.FILE:
            info.mode = 0o755 if entry.executable else 0o644
            info.size = entry.size_bytes
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8")


def _file_content(entry: Entry) -> Iterator[bytes]:
    written = 0
    with entry.open() as stream:
        for chunk in chunks_of(stream):
            written += len(chunk)
            yield chunk
    if written != entry.size_bytes:
        message = f"expected {entry.size_bytes} bytes, found {written}"
        raise BuildError(f"{entry.path} changed while it was read: {message}")
    yield padding(written)
