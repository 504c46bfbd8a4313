"""Turn the errors of the TUF library into words for an operator."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    RepositoryError,
    UnsignedMetadataError,
)

from bundles.errors import (
    ExpiredError,
    ForbiddenTypeError,
    ForeignVendorError,
    MediumError,
    MetadataError,
    RollbackError,
    SignatureError,
    UnreadableError,
)
from bundles.files import ForbiddenFileError, read_beneath
from bundles.trust.anchor import TrustAnchor
from bundles.trust.inspect import version_of
from bundles.trust.state import TrustState

__all__ = ["Reader", "explained", "translated"]

Reader: TypeAlias = Callable[[str, int], bytes]
"""Gives the file at a path (``tuf/...``) of at most so many bytes, or raises
``OSError`` or ``ValueError``."""

_TIMESTAMP: Final = "timestamp.json"
_TIMESTAMP_LIMIT_BYTES: Final = 16_384
_ROOT_LIMIT_BYTES: Final = 512_000


def translated(
    error: RepositoryError | DownloadError,
    path: Path,
    anchor: TrustAnchor,
    state: TrustState,
) -> MediumError:
    """Return the refusal that says what ``error`` means for this medium and host."""
    return explained(error, partial(_read_medium, path), anchor, state)


def explained(
    error: RepositoryError | DownloadError,
    read: Reader,
    anchor: TrustAnchor,
    state: TrustState,
) -> MediumError:
    """Return what ``error`` means for metadata that ``read`` gives."""
    text = str(error)
    match error:
        case UnsignedMetadataError():
            return _unsigned_refusal(text, read, anchor)
        case BadVersionNumberError() if versions := _step_back(read, state):
            message = f"expected version {versions[0]} or newer"
            return RollbackError(f"{message}, found version {versions[1]}")
        case ExpiredMetadataError():
            return ExpiredError(text)
        case DownloadError() if not isinstance(error, DownloadHTTPError):
            return _download_refusal(error)
        case _:
            return MetadataError(text)


def _read_medium(path: Path, name: str, limit_bytes: int) -> bytes:
    return read_beneath(path, name, limit_bytes=limit_bytes)


def _unsigned_refusal(text: str, read: Reader, anchor: TrustAnchor) -> MediumError:
    if _has_root_of(read, anchor):
        return SignatureError(text)
    message = f"expected the root with the fingerprint {anchor.fingerprint}"
    return ForeignVendorError(f"{message}, found another root")


def _download_refusal(error: DownloadError) -> MediumError:
    match error.__cause__:
        case ForbiddenFileError():
            return ForbiddenTypeError(str(error))
        case OSError():
            return UnreadableError(str(error))
        case _:
            return MetadataError(str(error))


def _has_root_of(read: Reader, anchor: TrustAnchor) -> bool:
    name = f"tuf/{anchor.root_version}.root.json"
    try:
        return read(name, _ROOT_LIMIT_BYTES) == anchor.root
    except (OSError, ValueError):
        return False


def _step_back(read: Reader, state: TrustState) -> tuple[int, int] | None:
    """Return (known, found) versions if the metadata is older than the memory.

    No version is below the number of a release it speaks of, so the floor counts as
    well: it is written first, and power loss may have kept the timestamp from following.
    """
    try:
        data = read(f"tuf/{_TIMESTAMP}", _TIMESTAMP_LIMIT_BYTES)
        found = version_of({_TIMESTAMP: data}, "timestamp")
        known = state.floor.release_seq
        if _TIMESTAMP in state.files:
            known = max(known, version_of(state.files, "timestamp"))
    except (OSError, ValueError, RepositoryError):
        return None
    return (known, found) if found < known else None
