"""Read the license files of a site without trusting what they are.

A file on a stick may be a pipe, a device, a folder or ten gigabytes: it is opened
without waiting, must be a regular file, and is read up to the cap and no further.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offline_license.errors import LicenseError, SizeError
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SiteFiles", "read_site", "read_small", "site_stamp"]

_MAX_LICENSES = 32


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The raw files of a site; a file that is not there is None.

    Attributes:
        licenses: content of every ``*.alic``, by file name.
        keyset: the key set.
        host: the salted fingerprint of the host, JSON.
        install_key: the private install key, PEM.
        problems: files that could not be read, by name.
    """

    licenses: dict[str, bytes] = field(repr=False)
    keyset: bytes | None
    host: bytes | None
    install_key: bytes | None = field(repr=False)
    problems: dict[str, LicenseError]


def read_small(path: Path, most: int = TOLERANCES.object_bytes) -> bytes:
    """Read a regular file of at most ``most`` bytes.

    Raises:
        SizeError: it is larger, or not a regular file.
        OSError: it cannot be opened or read.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise SizeError(f"{path.name}: expected a regular file, found another kind")
        data = file.read(most + 1)
    if len(data) > most:
        raise SizeError(f"{path.name}: expected at most {most} bytes, found more")
    return data


def read_site(directory: Path) -> SiteFiles:
    """Read every file of a site; what cannot be read becomes a problem."""
    problems: dict[str, LicenseError] = {}
    licenses = {
        path.name: data
        for path in _license_paths(directory)
        if (data := _read(path, problems)) is not None
    }
    return SiteFiles(
        licenses=licenses,
        keyset=_read(directory / "keyset.cbor", problems),
        host=_read(directory / "host.json", problems),
        install_key=_read(directory / "install.key", problems),
        problems=problems,
    )


def site_stamp(directory: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return what changes when a file of the site changes."""
    stamps = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                found = entry.stat()
                stamp = (entry.name, found.st_ino, found.st_mtime_ns, found.st_size)
                stamps.append(stamp)
    except OSError:
        return ()
    return tuple(sorted(stamps))


def _license_paths(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.alic"))[:_MAX_LICENSES]


def _read(path: Path, problems: dict[str, LicenseError]) -> bytes | None:
    try:
        return read_small(path)
    except FileNotFoundError:
        return None
    except SizeError as error:
        problems[path.name] = error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problems[path.name] = LicenseError(f"{path.name}: cannot be read: {reason}")
    return None
