"""Check every file of a medium against what was signed.

Each plain file is expected, byte for byte: blobs and documents by the digests of
release.json, metadata by the bytes that TUF verified, ``SHA256SUMS`` by writing it
again.  So a flipped bit is found wherever it is, and
whatever nobody signed is named.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from bundles import texts
from bundles.contents import (
    SUMS_FILE,
    ExpectedFile,
    expected_files,
    payload_files,
)
from bundles.digests import Progress, chunks_of, no_progress
from bundles.files import ForbiddenFileError, open_beneath
from bundles.model import MediumProblem, Severity, VerifiedMedium

__all__ = ["check_layout", "verify_documents", "verify_payload"]

_MAX_ENTRIES: Final = 100_000
_MAX_PROBLEMS: Final = 1000
_FOLDERS: Final = ("models", "oci", "program", "release", "sbom", "tuf")


def check_layout(medium: VerifiedMedium) -> tuple[MediumProblem, ...]:
    """Check presence, kind and size of every file, without reading the payload.

    Returns:
        The problems (at most 1000), sorted by path; files that nobody signed are
        among them.
    """
    expected = expected_files(medium)
    folders = {parent for path in expected for parent in _parents(path)}
    found = dict(islice(_walk(medium.path, folders), _MAX_ENTRIES))
    problems = [*_unwanted(found, expected, folders), *_absent(found, expected)]
    return tuple(sorted(problems, key=lambda problem: problem.path)[:_MAX_PROBLEMS])


def verify_payload(
    medium: VerifiedMedium, on_progress: Progress = no_progress
) -> tuple[MediumProblem, ...]:
    """Read every file of the medium once and compare it with the signature.

    Args:
        medium: from ``open_medium``.
        on_progress: gets bytes done and bytes in total.

    Returns:
        The problems, sorted by path, errors and warnings.  Nothing is refused here:
        the caller refuses a medium that has a problem of severity error.
    """
    return _verified(medium, expected_files(medium), on_progress)


def verify_documents(medium: VerifiedMedium) -> tuple[MediumProblem, ...]:
    """Check the layout, and read all but the blobs, which are hashed while they load.

    Returns:
        The problems, as ``verify_payload``; a blob of the right size that holds other
        bytes is not among them.
    """
    expected, blobs = expected_files(medium), payload_files(medium.release)
    documents = {path: file for path, file in expected.items() if path not in blobs}
    return _verified(medium, documents, no_progress)


def _verified(
    medium: VerifiedMedium, files: Mapping[str, ExpectedFile], on_progress: Progress
) -> tuple[MediumProblem, ...]:
    problems = {problem.path: problem for problem in check_layout(medium)}
    readable = {path: file for path, file in files.items() if path not in problems}
    total_bytes = sum(file.size_bytes for file in readable.values())
    done_bytes = 0
    for path, file in readable.items():
        for step in _compare(medium.path, path, file):
            if isinstance(step, MediumProblem):
                problems[path] = step
            else:
                done_bytes += step
                on_progress(done_bytes, total_bytes)
    return tuple(problems[path] for path in sorted(problems))


def _walk(root: Path, folders: set[str]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield path and status of everything in the folders that a medium has."""
    open_folders = [""]
    while open_folders:
        folder = open_folders.pop()
        try:
            names = sorted(item.name for item in (root / folder).iterdir())
        except OSError:
            continue  # what should be in it is reported as missing
        for name in names:
            path = f"{folder}/{name}" if folder else name
            try:
                status = os.lstat(root / path)
            except OSError:
                continue
            yield path, status
            if stat.S_ISDIR(status.st_mode) and path in folders:
                open_folders.append(path)


def _unwanted(
    found: Mapping[str, os.stat_result],
    expected: Mapping[str, ExpectedFile],
    folders: set[str],
) -> Iterator[MediumProblem]:
    for path, status in found.items():
        kind = _kind(status)
        plain = kind == "a file" or (kind == "a folder" and path not in expected)
        if not plain:
            yield MediumProblem(texts.FORBIDDEN_TYPE, path, "a plain file", kind)
        elif path not in expected and path not in folders:
            # Drives collect files of their own beside ours; inside ours none may be.
            ours = path.split("/")[0] in _FOLDERS
            severity = Severity.ERROR if ours else Severity.WARNING
            yield MediumProblem(texts.NOT_COVERED, path, "nothing", kind, severity)


def _absent(
    found: Mapping[str, os.stat_result], expected: Mapping[str, ExpectedFile]
) -> Iterator[MediumProblem]:
    for path, file in expected.items():
        status = found.get(path)
        if status is None:
            yield MediumProblem(texts.FILE_MISSING, path, "a file", "nothing")
        elif stat.S_ISREG(status.st_mode) and status.st_size != file.size_bytes:
            yield MediumProblem(
                texts.SUMS_DIFFER if path == SUMS_FILE else texts.FILE_SIZE,
                path,
                f"{file.size_bytes} bytes",
                f"{status.st_size} bytes",
            )


def _compare(
    root: Path, path: str, file: ExpectedFile
) -> Iterator[int | MediumProblem]:
    """Yield the sizes of the pieces read, and a problem if there is one."""
    state = hashlib.sha256()
    try:
        with open_beneath(root, path) as stream:
            for chunk in chunks_of(stream):
                state.update(chunk)
                yield len(chunk)
    except ForbiddenFileError:
        yield MediumProblem(texts.FORBIDDEN_TYPE, path, "a plain file", "a link")
        return
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO)
        yield MediumProblem(texts.UNREADABLE, path, "a readable file", reason)
        return
    digest = f"sha256:{state.hexdigest()}"
    if digest != file.digest:
        explanation = texts.SUMS_DIFFER if path == SUMS_FILE else texts.FILE_DIFFERS
        yield MediumProblem(explanation, path, file.digest, digest)


def _kind(status: os.stat_result) -> str:
    mode = status.st_mode
    kinds = {
        "a file": stat.S_ISREG,
        "a folder": stat.S_ISDIR,
        "a symbolic link": stat.S_ISLNK,
        "a pipe": stat.S_ISFIFO,
        "a socket": stat.S_ISSOCK,
    }
    return next((name for name, test in kinds.items() if test(mode)), "a device")


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
