"""What a medium carries beside its payload: for people, and for other programs."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bundles.oci.image import LAYOUT_MARK, index_json
from bundles.readme import README_FILE, readme_text
from bundles.release import Release

__all__ = ["Document", "ProgramSource", "documents_of"]

_PROGRAM_FOLDER: Final = "program"


@dataclass(frozen=True, slots=True)
class Document:
    """A small file of a medium."""

    path: str
    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class ProgramSource:
    """The operator's program: a folder, and the oldest glibc that it runs on."""

    directory: Path
    glibc: str


def documents_of(
    release: Release,
    install_by: datetime,
    given: Mapping[str, bytes],
    program: ProgramSource | None,
) -> Iterator[Document]:
    """Yield README, OCI index, what was given, and the program, in a fixed order."""
    index = index_json(
        (image.reference, image.manifest_digest, image.manifest_size_bytes)
        for image in release.images
    )
    glibc = program.glibc if program else None
    contents = {
        README_FILE: readme_text(release, install_by, glibc).encode(),
        "oci/index.json": index,
        "oci/oci-layout": LAYOUT_MARK,
        **given,
    }
    for path, data in sorted(contents.items()):
        yield Document(path, data)
    if program is not None:
        yield from _program_files(program.directory)


def _program_files(folder: Path) -> Iterator[Document]:
    for path in sorted(folder.rglob("*"), key=Path.as_posix):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            executable = os.access(path, os.X_OK)
            yield Document(f"{_PROGRAM_FOLDER}/{name}", path.read_bytes(), executable)
