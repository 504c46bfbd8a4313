"""Copy a model from the medium to the disk of the host: whole or not at all."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final

from bundles.digests import Progress, chunks_of, no_progress
from bundles.errors import BlobError, TargetWriteError, UnreadableError
from bundles.files import ForbiddenFileError, fsync_directory, open_beneath
from bundles.lacking import require_base
from bundles.layers import open_signed
from bundles.model import VerifiedMedium
from bundles.release import ReleaseFile, ReleaseModel, model_blob

__all__ = ["ModelRecord", "copy_model"]

_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755
"""Containers read the model as another user, whatever the umask of the writer."""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """What ``copy_model`` wrote, for the journal and the uninstall list."""

    name: str
    digest: str
    path: Path
    copied_bytes: int
    """0 if the model was there already."""


def copy_model(
    medium: VerifiedMedium,
    model: ReleaseModel,
    target_dir: Path,
    on_progress: Progress = no_progress,
    host_files: Mapping[str, Path] = MappingProxyType({}),
) -> ModelRecord:
    """Copy ``model`` to ``target_dir``, which appears only when all of it is right.

    Files are hashed while they are copied and synced before the folder gets its name.
    A folder that is there is taken as done if its files have their sizes; anything
    else in its place is replaced.

    Args:
        medium: from ``open_medium``.
        model: one of its models.
        target_dir: of the model on the host.
        on_progress: gets bytes done and in total.
        host_files: digest -> file of another model on the host.  It takes the place
            of a file of the medium if it still has that digest when it is copied.

    Raises:
        DeltaBaseError: a delta leaves out a file that is not on the host either.
        BlobError: a file of the medium differs from its signed digest.
        UnreadableError: the medium cannot be read.
        TargetWriteError: the host cannot store the files; nothing is left behind.
    """
    if _is_complete(target_dir, model):
        on_progress(model.size_bytes, model.size_bytes)
        return ModelRecord(model.name, model.digest, target_dir, 0)
    partial = target_dir.with_name(f".{target_dir.name}.partial")
    try:
        target_dir.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        copied_bytes = 0
        for file in model.files:
            done_bytes = copied_bytes
            copied_bytes += _copy_file(
                _Sources(medium, host_files.get(file.digest)),
                file,
                partial / file.path,
                lambda count, done=done_bytes: on_progress(  # type: ignore[misc]
                    done + count, model.size_bytes
                ),
            )
        _publish(partial, target_dir)
    except OSError as error:
        message = f"{target_dir}: {error.strerror}"
        raise TargetWriteError(message) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return ModelRecord(model.name, model.digest, target_dir, copied_bytes)


def _is_complete(target_dir: Path, model: ReleaseModel) -> bool:
    return all(
        (path := target_dir / file.path).is_file()
        and path.stat().st_size == file.size_bytes
        for file in model.files
    )


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where one file may come from: the medium, and perhaps the host."""

    medium: VerifiedMedium
    host_file: Path | None


def _copy_file(
    sources: _Sources,
    file: ReleaseFile,
    target: Path,
    on_progress: Callable[[int], None],
) -> int:
    """Copy one file, hashing what is written; return its size in bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if sources.host_file is not None and _taken(sources.host_file, file, target):
        on_progress(file.size_bytes)
        return file.size_bytes
    path, delta = model_blob(file.digest), sources.medium.delta
    if delta is not None and path in delta.delta.paths:
        require_base(delta.delta, [f"{file.path} ({file.digest})"])
    with open_signed(sources.medium, path) as source:
        found = _write(_read_chunks(source, path), file, target, on_progress)
    if found != (file.size_bytes, file.digest):
        message = f"expected {file.size_bytes} bytes, {file.digest}"
        raise BlobError(f"{path}: {message}; found {found[0]}, {found[1]}")
    return file.size_bytes


def _taken(source: Path, file: ReleaseFile, target: Path) -> bool:
    """Copy a file of the host; leave nothing if it is not what it should be."""
    try:
        with open_beneath(source.parent, source.name) as stream:
            found = _write(chunks_of(stream), file, target, lambda _bytes: None)
    except (FileNotFoundError, ForbiddenFileError):
        return False
    if found == (file.size_bytes, file.digest):
        return True
    target.unlink()
    return False


def _write(
    chunks: Iterator[bytes],
    file: ReleaseFile,
    target: Path,
    on_progress: Callable[[int], None],
) -> tuple[int, str]:
    """Write at most one piece more than expected; return size and digest, synced."""
    state, size_bytes = hashlib.sha256(), 0
    with target.open("xb") as sink:
        for chunk in chunks:
            size_bytes += len(chunk)
            if size_bytes > file.size_bytes:
                break
            state.update(chunk)
            sink.write(chunk)
            on_progress(size_bytes)
        sink.flush()
        os.fchmod(sink.fileno(), _FILE_MODE)
        os.fsync(sink.fileno())
    return size_bytes, f"sha256:{state.hexdigest()}"


def _read_chunks(source: IO[bytes], path: str) -> Iterator[bytes]:
    """Yield the content; keep trouble of the medium apart from trouble of the host."""
    try:
        yield from chunks_of(source)
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from error


def _publish(partial: Path, target_dir: Path) -> None:
    for folder, _, _ in os.walk(partial):
        Path(folder).chmod(_FOLDER_MODE)
        fsync_directory(Path(folder))
    if target_dir.is_dir():
        shutil.rmtree(target_dir)
    partial.rename(target_dir)
    fsync_directory(target_dir.parent)
