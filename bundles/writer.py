"""Write the files of a medium, each hashed as it is written."""

import hashlib
import os
from pathlib import Path

from bundles.contents import SUMS_FILE, sums_text
from bundles.digests import Progress, chunks_of, sha256_digest
from bundles.errors import BuildError
from bundles.files import fsync_directory

__all__ = ["MediumWriter"]


class MediumWriter:
    """Collect a medium in a folder and remember the digest of every file."""

    def __init__(self, root: Path, total_bytes: int, on_progress: Progress) -> None:
        self.size_bytes = 0
        """Of everything written so far."""
        self._root = root
        self._total_bytes = total_bytes
        self._done_bytes = 0
        self._on_progress = on_progress
        self._digests: dict[str, str] = {}
        root.mkdir(parents=True)

    def add_bytes(self, path: str, data: bytes, *, executable: bool = False) -> None:
        """Write a small file."""
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as sink:
            sink.write(data)
            sink.flush()
            os.fchmod(sink.fileno(), 0o755 if executable else 0o644)
            os.fsync(sink.fileno())
        self._digests[path] = sha256_digest(data)
        self.size_bytes += len(data)

    def add_blob(
        self, folder: str, source: Path, *, expected: str | None = None
    ) -> tuple[str, int]:
        """Copy ``source`` to the blobs of ``folder``; equal content is stored once.

        Args:
            folder: ``oci`` or ``models``.
            source: the file to copy.
            expected: its digest, if it is known.

        Returns:
            Digest and size in bytes.

        Raises:
            BuildError: the file does not have the expected digest.
            OSError: it cannot be read or written.
        """
        if expected is not None and self._path(folder, expected) in self._digests:
            return expected, source.stat().st_size
        partial = self._root / f".{folder}.partial"
        digest, size_bytes = self._copy(source, partial)
        if expected is not None and digest != expected:
            raise BuildError(f"{source}: expected {expected}, found {digest}")
        path = self._path(folder, digest)
        (self._root / path).parent.mkdir(parents=True, exist_ok=True)
        partial.replace(self._root / path)
        if path not in self._digests:
            self._digests[path] = digest
            self.size_bytes += size_bytes
        return digest, size_bytes

    def finish(self) -> str:
        """Write SHA256SUMS, sync all folders and return the digest of the list."""
        sums = sums_text(self._digests)
        self.add_bytes(SUMS_FILE, sums)
        for folder, _, _ in os.walk(self._root):
            fsync_directory(Path(folder))
        return sha256_digest(sums)

    def _copy(self, source: Path, partial: Path) -> tuple[str, int]:
        state, size_bytes = hashlib.sha256(), 0
        with source.open("rb") as stream, partial.open("wb") as sink:
            for chunk in chunks_of(stream):
                state.update(chunk)
                sink.write(chunk)
                size_bytes += len(chunk)
                self._done_bytes = min(self._done_bytes + len(chunk), self._total_bytes)
                self._on_progress(self._done_bytes, self._total_bytes)
            sink.flush()
            os.fsync(sink.fileno())
        return f"sha256:{state.hexdigest()}", size_bytes

    @staticmethod
    def _path(folder: str, digest: str) -> str:
        return f"{folder}/blobs/sha256/{digest.removeprefix('sha256:')}"
