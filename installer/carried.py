"""Find release media and license files on what is mounted, for every viewer.

Only names are looked at: nothing on a medium is read before its signatures are
verified by the engine.
"""

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["LICENSES", "find_files", "find_media", "mounted", "places", "writable"]

MOUNTS = Path("/proc/self/mounts")
FOLDERS = (Path("/media"), Path("/mnt"), Path("/run/media"))
_SKIPPED_TYPES = frozenset(
    [
        "autofs",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "devtmpfs",
        "fusectl",
        "hugetlbfs",
        "mqueue",
        "nsfs",
        "overlay",
        "proc",
        "pstore",
        "rpc_pipefs",
        "securityfs",
        "sysfs",
        "tmpfs",
        "tracefs",
    ]
)
LICENSES = ("*.alic", "*.arsp")
"""What files with a license, or with the answer to a request, are called."""

_DEPTH = 2
_MOST = 8


def mounted(table: str) -> tuple[Path, ...]:
    """Return the mount points of real file systems in a mount table."""
    points = []
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) > 2 and fields[2] not in _SKIPPED_TYPES:  # noqa: PLR2004
            points.append(Path(fields[1].replace("\\040", " ")))
    return tuple(point for point in points if point != Path("/"))


def places(
    mounts: Path = MOUNTS, folders: Iterable[Path] = FOLDERS
) -> tuple[Path, ...]:
    """Return the folders where something carried in may lie, each once."""
    try:
        points = mounted(mounts.read_text(errors="replace"))
    except OSError:
        points = ()
    return tuple(dict.fromkeys([*folders, *points]))


def find_media(roots: Iterable[Path]) -> tuple[Path, ...]:
    """Return folders that are laid out like a release medium."""
    found = [
        folder
        for root in roots
        for folder in _folders(root, _DEPTH)
        if (folder / "tuf").is_dir() and (folder / "release").is_dir()
    ]
    return tuple(dict.fromkeys(found))[:_MOST]


def find_files(roots: Iterable[Path], *patterns: str) -> tuple[Path, ...]:
    """Return files that match a pattern, such as `*.alic`."""
    found = [
        path
        for root in roots
        for folder in _folders(root, _DEPTH)
        for pattern in patterns
        for path in _matches(folder, pattern)
    ]
    return tuple(dict.fromkeys(found))[:_MOST]


def writable(roots: Iterable[Path]) -> tuple[Path, ...]:
    """Return the folders that something is mounted on and that can be written to."""
    found = [root for root in roots if root.is_mount() and _may_write(root)]
    return tuple(dict.fromkeys(found))[:_MOST]


def _may_write(folder: Path) -> bool:
    try:
        flags = os.statvfs(folder).f_flag
    except OSError:
        return False
    return os.access(folder, os.W_OK) and not flags & os.ST_RDONLY


def _folders(root: Path, depth: int) -> Iterable[Path]:
    yield root
    if depth == 0:
        return
    try:
        inner = sorted(path for path in root.iterdir() if path.is_dir())
    except OSError:
        return
    for path in inner:
        if not path.is_symlink() and not path.name.startswith("."):
            yield from _folders(path, depth - 1)


def _matches(folder: Path, pattern: str) -> Iterable[Path]:
    try:
        return sorted(path for path in folder.glob(pattern) if path.is_file())
    except OSError:
        return ()
