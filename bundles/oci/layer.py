"""Write one layer into the blobs of an OCI layout.

Writing a layer is the expensive part of an image, so it stands alone: a caller that
keeps the returned ``Layer`` (``to_json``) beside the key of its content need not write
the same layer twice.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import zstandard

from bundles.digests import Progress, no_progress
from bundles.oci.entries import LayerSource
from bundles.oci.model import Layer
from bundles.oci.tarball import content_bytes, in_order, layer_tar

__all__ = ["DEFAULT_LEVEL", "blob_path", "write_blob", "write_layer"]

DEFAULT_LEVEL = 6
"""zstd level: 3 % larger than level 9 in two thirds of its time, on machine code."""


def blob_path(layout_dir: Path, digest: str) -> Path:
    """Return where the layout keeps the blob ``sha256:<hex>``."""
    algorithm, _, hex_digits = digest.partition(":")
    return layout_dir / "blobs" / algorithm / hex_digits


def write_layer(
    layout_dir: Path,
    source: LayerSource,
    *,
    level: int = DEFAULT_LEVEL,
    on_progress: Progress = no_progress,
) -> Layer:
    """Write ``source`` as a zstd layer blob and return its description.

    Args:
        layout_dir: OCI layout; its folders are made.
        source: what goes in.
        level: zstd level; the bytes also depend on the pinned zstandard release,
            the diff ID and so the image ID do not.
        on_progress: gets bytes of content done and in total.

    Raises:
        BuildError: the source cannot be read or is contradictory.
    """
    blobs = layout_dir / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=blobs, prefix=".layer-")
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream, source.entries() as entries:
            ordered = in_order(entries)
            layer = _compress(
                layer_tar(ordered),
                stream,
                level=level,
                created_by=source.created_by,
                on_progress=_up_to(content_bytes(ordered), on_progress),
            )
        partial.chmod(0o644)
        partial.replace(blob_path(layout_dir, layer.digest))
    finally:
        partial.unlink(missing_ok=True)
    return layer


def write_blob(layout_dir: Path, data: bytes) -> str:
    """Write a small blob and return its digest."""
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    path = blob_path(layout_dir, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return digest


def _compress(
    chunks: Iterator[bytes],
    stream: IO[bytes],
    *,
    level: int,
    created_by: str,
    on_progress: Callable[[int], None],
) -> Layer:
    """Write the tar ``chunks`` as one zstd frame, hashing both sides."""
    compressor = zstandard.ZstdCompressor(
        level=level, write_checksum=True, write_content_size=False
    ).compressobj()
    raw, packed = _Measured(), _Measured()
    for chunk in chunks:
        raw.add(chunk)
        stream.write(packed.add(compressor.compress(chunk)))
        on_progress(raw.size_bytes)
    stream.write(packed.add(compressor.flush()))
    return Layer(
        packed.digest, packed.size_bytes, raw.digest, raw.size_bytes, created_by
    )


class _Measured:
    """Size and digest of bytes that pass by."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._state = hashlib.sha256()

    @property
    def digest(self) -> str:
        return f"sha256:{self._state.hexdigest()}"

    def add(self, data: bytes) -> bytes:
        self.size_bytes += len(data)
        self._state.update(data)
        return data


def _up_to(total_bytes: int, on_progress: Progress) -> Callable[[int], None]:
    """Report bytes of a tar, which is a little larger than its content."""
    return lambda done_bytes: on_progress(min(done_bytes, total_bytes), total_bytes)
