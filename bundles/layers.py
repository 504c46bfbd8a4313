"""Read one layer of a medium: decompressed on the way, hashed on both sides."""

import hashlib
from collections.abc import Iterator
from typing import IO, Final, cast

import zstandard

from bundles.digests import CHUNK_BYTES
from bundles.errors import BlobError, ForbiddenTypeError, UnreadableError
from bundles.files import ForbiddenFileError, open_beneath
from bundles.model import VerifiedMedium
from bundles.release import ReleaseLayer, oci_blob

__all__ = ["MAX_WINDOW_BYTES", "checked_layer", "open_signed"]

MAX_WINDOW_BYTES: Final = 16 * 1024 * 1024
"""zstd may remember this much; a blob that wants more is no layer of ours."""


class _CountingReader:
    """Hash what the decompressor takes from a blob, and never give it too much."""

    def __init__(self, stream: IO[bytes], path: str, size_bytes: int) -> None:
        self._stream = stream
        self._path = path
        self._left_bytes = size_bytes
        self._state = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes of the blob, nothing beyond its signed size."""
        wanted = self._left_bytes if size < 0 else min(size, self._left_bytes)
        try:
            data = self._stream.read(wanted)
        except OSError as error:
            raise UnreadableError(f"{self._path}: {error.strerror}") from error
        self._left_bytes -= len(data)
        self._state.update(data)
        return data

    def require(self, digest: str) -> None:
        """Read what is left and refuse a blob of another size or digest."""
        while self.read(CHUNK_BYTES):
            pass
        if self._left_bytes or self._stream.read(1):
            raise BlobError(f"{self._path}: the blob does not have its signed size")
        if (found := f"sha256:{self._state.hexdigest()}") != digest:
            raise BlobError(f"{self._path}: expected {digest}, found {found}")


def checked_layer(medium: VerifiedMedium, layer: ReleaseLayer) -> Iterator[bytes]:
    """Yield the uncompressed tar of a layer, its last piece only if all is right.

    Memory stays within a few pieces of 1 MiB, whatever the blob claims to unpack to.

    Raises:
        BlobError: blob or tar differ from their signed digests or sizes.
        UnreadableError: the operating system cannot read the medium.
    """
    path = oci_blob(layer.digest)
    with open_signed(medium, path) as stream:
        source = _CountingReader(stream, path, layer.size_bytes)
        held = b""
        for piece in _unpacked(source, path, layer):
            if held:
                yield held
            held = piece
        source.require(layer.digest)
    if held:
        yield held


def open_signed(medium: VerifiedMedium, path: str) -> IO[bytes]:
    """Open a signed file of the medium.

    Raises:
        ForbiddenTypeError: it is no plain file.
        UnreadableError: the operating system cannot open it.
    """
    try:
        return open_beneath(medium.path, path)
    except ForbiddenFileError as error:
        raise ForbiddenTypeError(str(error)) from error
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from error


def _unpacked(
    source: _CountingReader, path: str, layer: ReleaseLayer
) -> Iterator[bytes]:
    state, size_bytes = hashlib.sha256(), 0
    unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
    try:
        with unpacker.stream_reader(cast("IO[bytes]", source)) as reader:
            while piece := reader.read(CHUNK_BYTES):
                state.update(piece)
                size_bytes += len(piece)
                if size_bytes > layer.uncompressed_bytes:
                    break
                yield piece
    except zstandard.ZstdError as error:
        raise BlobError(f"{path}: expected a zstd layer: {error}") from error
    digest = f"sha256:{state.hexdigest()}"
    if (size_bytes, digest) != (layer.uncompressed_bytes, layer.diff_id):
        message = f"expected {layer.uncompressed_bytes} bytes, {layer.diff_id}"
        raise BlobError(f"{path}: {message}; found {size_bytes} bytes, {digest}")
