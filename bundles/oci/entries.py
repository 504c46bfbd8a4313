"""Where the entries of a layer come from: a folder, a rootfs tar, or memory.

A source yields entries in any order; the writer sorts them.  Device nodes, pipes and
sockets of a rootfs are dropped: the engine makes its own /dev.
"""

import io
import os
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from typing import IO, Protocol, cast

from bundles.errors import BuildError
from bundles.files import is_safe_path

__all__ = [
    "Entry",
    "EntryKind",
    "LayerSource",
    "MemoryFile",
    "MemoryLayer",
    "RootfsLayer",
    "TreeLayer",
]


class EntryKind(Enum):
    """What an entry of a layer can be."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


def _nothing() -> IO[bytes]:
    return io.BytesIO()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: ``path`` is relative, with ``/`` between its parts."""

    path: str
    kind: EntryKind
    size_bytes: int = 0
    executable: bool = False
    link_target: str = ""
    open: Callable[[], IO[bytes]] = field(default=_nothing, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what must never be in a layer."""
        name = self.path.rsplit("/", 1)[-1]
        if not is_safe_path(self.path) or name.startswith(".wh."):
            raise BuildError(f"expected a plain path in a layer, found {self.path!r}")


class LayerSource(Protocol):
    """Something that can be written as one layer."""

    @property
    def created_by(self) -> str:
        """What the history of the image says about this layer."""

    def entries(self) -> AbstractContextManager[Iterator[Entry]]:
        """Open the source; inside the context its entries can be read."""


def _keep_all(_path: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class TreeLayer:
    """The content of a folder, placed below ``prefix`` in the image.

    Symbolic links are kept as links. ``keep`` gets each path as it will be in the
    image and tells whether it goes in; a folder that is not kept is not entered.
    """

    root: Path
    created_by: str
    prefix: str = ""
    keep: Callable[[str], bool] = _keep_all

    @contextmanager
    def entries(self) -> Iterator[Iterator[Entry]]:
        """Yield the entries; files are opened one by one while they are written."""
        if not self.root.is_dir():
            raise BuildError(f"expected a folder, found none: {self.root}")
        yield self._walk()

    def _walk(self) -> Iterator[Entry]:
        parts = [part for part in self.prefix.split("/") if part]
        for depth in range(len(parts)):
            yield Entry("/".join(parts[: depth + 1]), EntryKind.FOLDER)
        yield from self._walk_folder(self.root, "/".join(parts))

    def _walk_folder(self, folder: Path, prefix: str) -> Iterator[Entry]:
        with os.scandir(folder) as found:
            for item in found:
                path = f"{prefix}/{item.name}" if prefix else item.name
                if not self.keep(path):
                    continue
                if item.is_symlink():
                    target = str(Path(item.path).readlink())
                    yield Entry(path, EntryKind.LINK, link_target=target)
                elif item.is_dir():
                    yield Entry(path, EntryKind.FOLDER)
                    yield from self._walk_folder(Path(item.path), path)
                elif item.is_file():
                    yield _file_entry(Path(item.path), path)
                else:
                    raise BuildError(f"expected files, folders and links: {item.path}")


def _file_entry(source: Path, path: str) -> Entry:
    status = source.lstat()
    return Entry(
        path,
        EntryKind.FILE,
        size_bytes=status.st_size,
        executable=bool(status.st_mode & stat.S_IXUSR),
        open=lambda: source.open("rb"),
    )


@dataclass(frozen=True, slots=True)
class RootfsLayer:
    """The content of an uncompressed root file system tar, as mmdebstrap writes it.

    Owners, times and special permission bits are not taken over (no program in our
    images needs set-user-ID); devices, pipes and sockets are left out.
    """

    tar: Path
    created_by: str
    keep: Callable[[str], bool] = _keep_all

    @contextmanager
    def entries(self) -> Iterator[Iterator[Entry]]:
        """Yield the entries while the tar is open.

        Raises:
            BuildError: not an uncompressed tar, or it ends early.
        """
        try:
            archive = tarfile.open(self.tar, mode="r:")  # noqa: SIM115 - closed below
        except (tarfile.TarError, OSError) as error:
            raise BuildError(f"cannot read {self.tar}: {error}") from error
        try:
            with archive:
                yield self._members(archive)
        except (tarfile.TarError, KeyError) as error:
            raise BuildError(f"cannot read {self.tar}: {error}") from error

    def _members(self, archive: tarfile.TarFile) -> Iterator[Entry]:
        kept: dict[str, Entry] = {}
        for member in archive:
            path = member.name.removeprefix("./").rstrip("/")
            if path in {"", "."} or not self.keep(path):
                continue
            entry = _member_entry(archive, member, path)
            if entry is not None:
                kept[path] = entry
        return iter(kept.values())


def _member_entry(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: str
) -> Entry | None:
    if member.isdir():
        return Entry(path, EntryKind.FOLDER)
    if member.issym():
        return Entry(path, EntryKind.LINK, link_target=member.linkname)
    if member.islnk():
        # A hard link becomes a plain file with the content of its target.
        member = archive.getmember(member.linkname)
    if not member.isreg():
        return None
    return Entry(
        path,
        EntryKind.FILE,
        size_bytes=member.size,
        executable=bool(member.mode & stat.S_IXUSR),
        open=lambda: _member_stream(archive, member),
    )


def _member_stream(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    # None is for members that are no plain files; those are sorted out before.
    return cast("IO[bytes]", archive.extractfile(member))


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """Content of a small file."""

    data: bytes = field(repr=False)
    executable: bool = False


@dataclass(frozen=True, slots=True)
class MemoryLayer:
    """Small files given as bytes; their folders are made."""

    files: Mapping[str, bytes | MemoryFile]
    created_by: str
    links: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def entries(self) -> Iterator[Iterator[Entry]]:
        """Yield folders, files and links."""
        yield self._all()

    def _all(self) -> Iterator[Entry]:
        folders = {
            parent for path in (*self.files, *self.links) for parent in _parents(path)
        }
        for folder in folders:
            yield Entry(folder, EntryKind.FOLDER)
        for path, content in self.files.items():
            file = content if isinstance(content, MemoryFile) else MemoryFile(content)
            yield Entry(
                path,
                EntryKind.FILE,
                size_bytes=len(file.data),
                executable=file.executable,
                open=partial(io.BytesIO, file.data),
            )
        for path, target in self.links.items():
            yield Entry(path, EntryKind.LINK, link_target=target)


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
