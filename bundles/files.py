"""Open files that strangers made, and write files that survive power loss."""

import contextlib
import os
import stat
from pathlib import Path, PurePosixPath
from typing import IO

__all__ = [
    "ForbiddenFileError",
    "fsync_directory",
    "is_safe_path",
    "open_beneath",
    "read_beneath",
    "write_durably",
]

_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


class ForbiddenFileError(OSError):
    """The path leads over a link, or ends in something else than a plain file."""


def is_safe_path(path: str) -> bool:
    """Tell whether ``path`` is relative, plain and stays below its folder."""
    parts = path.split("/")
    return (
        0 < len(path) <= 1024  # noqa: PLR2004 - far above any path we write
        and "\\" not in path
        and path.isprintable()
        and all(part not in {"", ".", ".."} for part in parts)
    )


def open_beneath(root: Path, relative: str) -> IO[bytes]:
    """Open the plain file ``relative`` below ``root`` for reading.

    No component below ``root`` may be a symbolic link, so a medium cannot lead the
    reader to files of the host.

    Raises:
        FileNotFoundError: there is no such file.
        ForbiddenFileError: a link, device, pipe, socket or folder.
        OSError: it cannot be read.
        ValueError: ``relative`` is no safe relative path.
    """
    if not is_safe_path(relative):
        raise ValueError(f"expected a relative path, found {relative!r}")
    *folders, name = PurePosixPath(relative).parts
    folder_fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            next_fd = _open_at(folder_fd, folder, _FOLDER_FLAGS, relative)
            os.close(folder_fd)
            folder_fd = next_fd
        file_fd = _open_at(folder_fd, name, _FILE_FLAGS, relative)
    finally:
        os.close(folder_fd)
    if not stat.S_ISREG(os.fstat(file_fd).st_mode):
        os.close(file_fd)
        raise ForbiddenFileError(f"expected a plain file: {relative}")
    return os.fdopen(file_fd, "rb", buffering=0)


def read_beneath(root: Path, relative: str, *, limit_bytes: int) -> bytes:
    """Read a small file as ``open_beneath`` opens it, never more than the limit.

    Raises:
        ValueError: the file is longer than ``limit_bytes``.
        OSError: as ``open_beneath``.
    """
    with open_beneath(root, relative) as stream:
        size_bytes = os.fstat(stream.fileno()).st_size
        if size_bytes > limit_bytes:
            message = f"expected at most {limit_bytes} bytes, found {size_bytes}"
            raise ValueError(f"{relative}: {message}")
        return stream.read(limit_bytes)


def write_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace ``path`` by ``data`` so that power loss leaves the old or the new file."""
    partial = path.with_name(f".{path.name}.partial")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(partial, flags, mode), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
    fsync_directory(path.parent)


def fsync_directory(path: Path) -> None:
    """Make renames inside the folder ``path`` durable."""
    folder_fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder_fd)
    finally:
        os.close(folder_fd)


def _open_at(folder_fd: int, name: str, flags: int, relative: str) -> int:
    try:
        return os.open(name, flags, dir_fd=folder_fd)
    except FileNotFoundError:
        raise
    except OSError as error:
        if _is_link_or_no_folder(folder_fd, name):
            message = f"expected plain files and folders: {relative}"
            raise ForbiddenFileError(message) from error
        raise


def _is_link_or_no_folder(folder_fd: int, name: str) -> bool:
    mode = os.stat(name, dir_fd=folder_fd, follow_symlinks=False).st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
