"""Which Debian packages a root file system was unpacked from, kept beside its tar.

mmdebstrap runs this module while the packages are still in its cache; in the finished
tar nothing tells any more which file came from where.
"""

import io
import json
import sys
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance.process import run

__all__ = ["DebianPackage", "hook_command", "read_record", "surviving", "write_record"]

_FORMAT = r"${Package}\t${Version}\t${Architecture}"


@dataclass(frozen=True, slots=True)
class DebianPackage:
    """One package, and every path it would unpack."""

    name: str
    version: str
    architecture: str
    files: tuple[str, ...]


def hook_command(record: Path) -> str:
    """Return the shell command that mmdebstrap appends its root folder to."""
    return f'{sys.executable} -m {__name__} "$1" {record}'


def write_record(root: Path, record: Path) -> None:
    """Describe every package in the cache of an unfinished root file system."""
    debs = sorted((root / "var/cache/apt/archives").glob("*.deb"))
    record.write_text(json.dumps([asdict(_describe(deb)) for deb in debs]))


def read_record(record: Path) -> tuple[DebianPackage, ...]:
    """Return what was written beside a tar."""
    return tuple(
        DebianPackage(**{**entry, "files": tuple(entry["files"])})
        for entry in json.loads(record.read_text())
    )


def surviving(
    packages: tuple[DebianPackage, ...], paths: Iterable[str]
) -> tuple[DebianPackage, ...]:
    """Return the packages of which more than a document is among ``paths``.

    Debian unpacks ``/lib`` into ``/usr/lib`` today, so both names count as one.
    """
    kept = {path.removeprefix("usr/") for path in paths if not _is_document(path)}
    return tuple(
        package
        for package in packages
        if any(path.removeprefix("usr/") in kept for path in package.files)
    )


def _is_document(path: str) -> bool:
    return path.startswith("usr/share/doc/")


def _describe(deb: Path) -> DebianPackage:
    shown = run(["dpkg-deb", "--show", f"--showformat={_FORMAT}", str(deb)]).decode()
    name, version, architecture = shown.split("\t")
    return DebianPackage(name, version, architecture, tuple(_files(deb)))


def _files(deb: Path) -> Iterator[str]:
    content = run(["dpkg-deb", "--fsys-tarfile", str(deb)])
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            if not member.isdir():
                yield member.name.removeprefix("./")


if __name__ == "__main__":
    write_record(Path(sys.argv[1]), Path(sys.argv[2]))
