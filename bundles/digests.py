"""SHA-256 digests, and reading in pieces.

Hashing is done in Python: hashlib uses the SHA instructions of the processor, which
coreutils of Debian 12 does not.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TypeAlias

__all__ = [
    "CHUNK_BYTES",
    "DIGEST_PATTERN",
    "Progress",
    "chunks_of",
    "hex_of",
    "no_progress",
    "sha256_digest",
    "sha256_of",
]

CHUNK_BYTES = 1 << 20
DIGEST_PATTERN = re.compile(r"sha256:[0-9a-f]{64}")

Progress: TypeAlias = Callable[[int, int], None]
"""Called with bytes done and bytes in total; both only ever grow."""


def no_progress(_done_bytes: int, _total_bytes: int) -> None:
    """Report to nobody."""


def sha256_digest(data: bytes) -> str:
    """Return ``sha256:<64 hex digits>`` of ``data``."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def sha256_of(chunks: Iterable[bytes]) -> str:
    """Return ``sha256:<64 hex digits>`` of all pieces together."""
    state = hashlib.sha256()
    for chunk in chunks:
        state.update(chunk)
    return f"sha256:{state.hexdigest()}"


def hex_of(digest: str) -> str:
    """Return the hex digits of ``sha256:<hex>``.

    Raises:
        ValueError: any other form; the result is used as a file name.
    """
    if DIGEST_PATTERN.fullmatch(digest) is None:
        raise ValueError(f"expected sha256:<64 hex digits>, found {digest!r}")
    return digest.removeprefix("sha256:")


def chunks_of(stream: IO[bytes], chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield the rest of ``stream`` in pieces of at most ``chunk_bytes``."""
    while chunk := stream.read(chunk_bytes):
        yield chunk
