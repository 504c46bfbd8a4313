"""Read one layer of a medium: the blob is hashed, then decompressed on the way.

The hash runs over the blob, which is several times smaller than the tar inside and whose
digest is signed.  The same bytes in memory go on to the decompressor, so what is fed is
what was hashed; the engine checks the ``diff_id`` of the tar by itself.
"""

import hashlib
import os
from collections.abc import Iterator
from typing import IO, Final, cast

import zstandard

from bundles.digests import CHUNK_BYTES
from bundles.errors import BlobError, ForbiddenTypeError, UnreadableError
from bundles.files import ForbiddenFileError, open_beneath
from bundles.model import VerifiedMedium
from bundles.release import ReleaseLayer, oci_blob

__all__ = ["MAX_WINDOW_BYTES", "checked_layer", "open_signed", "read_signed"]

MAX_WINDOW_BYTES: Final = 16 * 1024 * 1024
"""zstd may remember this much; a blob that wants more is no layer of ours."""


def checked_layer(medium: VerifiedMedium, layer: ReleaseLayer) -> Iterator[bytes]:
    """Yield the uncompressed tar of a layer, its last piece only if all is right.

    Memory stays within a few pieces of 1 MiB, whatever the blob claims to unpack to.

    Raises:
        BlobError: the blob differs from its signed digest, or a size is wrong.
        UnreadableError: the operating system cannot read the medium.
    """
    path = oci_blob(layer.digest)
    with open_signed(medium, path) as stream:
        size_bytes = os.fstat(stream.fileno()).st_size
        if size_bytes != layer.size_bytes:
            message = f"expected {layer.size_bytes} bytes, found {size_bytes}"
            raise BlobError(f"{path}: {message}")
        source = _HashingReader(stream, path)
        held = b""
        for piece in _unpacked(source, path, layer.uncompressed_bytes):
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


def read_signed(medium: VerifiedMedium, path: str, *, limit_bytes: int) -> bytes:
    """Read a small signed file of the medium, not yet compared with its digest.

    Raises:
        ForbiddenTypeError, UnreadableError: as ``open_signed``.
    """
    with open_signed(medium, path) as stream:
        return _HashingReader(stream, path).read(limit_bytes)


class _HashingReader:
    """Hash what the decompressor takes from a blob."""

    def __init__(self, stream: IO[bytes], path: str) -> None:
        self._stream = stream
        self._path = path
        self._state = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes of the blob."""
        try:
            data = self._stream.read(size)
        except OSError as error:
            raise UnreadableError(f"{self._path}: {error.strerror}") from error
        self._state.update(data)
        return data

    def require(self, digest: str) -> None:
        """Refuse a blob of another digest, or with more than its frame."""
        self.read(1)
        if (found := f"sha256:{self._state.hexdigest()}") != digest:
            raise BlobError(f"{self._path}: expected {digest}, found {found}")


def _unpacked(source: _HashingReader, path: str, size_bytes: int) -> Iterator[bytes]:
    """Yield the tar in pieces; reach the end only if it has exactly ``size_bytes``."""
    done_bytes = 0
    unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
    stream = cast("IO[bytes]", source)  # only ``read`` is used
    try:
        with unpacker.stream_reader(stream, read_size=CHUNK_BYTES) as reader:
            while piece := reader.read(CHUNK_BYTES):
                done_bytes += len(piece)
                if done_bytes > size_bytes:
                    break
                yield piece
    except zstandard.ZstdError as error:
        raise BlobError(f"{path}: expected a zstd layer: {error}") from error
    if done_bytes != size_bytes:
        message = f"expected {size_bytes} bytes unpacked, found {done_bytes}"
        raise BlobError(f"{path}: {message} or more")
