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

__all__ = ["PUBLIC", "SiteFiles", "read_site", "read_small", "site_stamp"]

PUBLIC = "public"
"""The folder inside a site's folder with what may be seen by every container."""

_MAX_LICENSES = 32


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The raw files of a site; a file that is not there is None.

    Attributes:
        licenses: content of every ``public/*.alic``, by file name.
        keyset: the key set, public.
        host: the salted fingerprint of the host, JSON.
        install_key: the private install key, PEM.
        problems: files that could not be read, by name.
        responses: content of every ``public/*.arsp``, by file name.
        revocations: the revocation list, public.
    """

    licenses: dict[str, bytes] = field(repr=False)
    keyset: bytes | None
    host: bytes | None
    install_key: bytes | None = field(repr=False)
    problems: dict[str, LicenseError]
    responses: dict[str, bytes] = field(default_factory=dict, repr=False)
    revocations: bytes | None = None


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
    public = directory / PUBLIC
    return SiteFiles(
        licenses=_read_all(public, "*.alic", problems),
        keyset=_read(public / "keyset.cbor", problems),
        host=_read(directory / "host.json", problems),
        install_key=_read(directory / "install.key", problems),
        problems=problems,
        responses=_read_all(public, "*.arsp", problems),
        revocations=_read(public / "revocations.cbor", problems),
    )


def site_stamp(directory: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return what changes when a file of the site changes."""
    return (*_stamps(directory), *_stamps(directory / PUBLIC))


def _stamps(directory: Path) -> tuple[tuple[str, int, int, int], ...]:
    stamps = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                found = entry.stat(follow_symlinks=False)
                stamp = (entry.name, found.st_ino, found.st_mtime_ns, found.st_size)
                stamps.append(stamp)
    except OSError:
        return ()
    return tuple(sorted(stamps))


def _read_all(
    directory: Path, pattern: str, problems: dict[str, LicenseError]
) -> dict[str, bytes]:
    """Read the files of one kind, by name; beyond the cap the last names are not."""
    paths = sorted(directory.glob(pattern))[:_MAX_LICENSES]
    return {
        path.name: data for path in paths if (data := _read(path, problems)) is not None
    }


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
