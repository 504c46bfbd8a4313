"""Public keys as people hand them over: PEM, 32 bytes, or hexadecimal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from offline_license.errors import KeyFileError
from offline_license.keys import KEY_BYTES, check_public_key

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_public_key"]

_LIMIT_BYTES = 4096


def read_public_key(path: Path) -> bytes:
    """Read an Ed25519 public key and return its 32 bytes.

    Raises:
        KeyFileError: the file cannot be read, or holds no such key.
        WeakKeyError: the key would prove nothing.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT_BYTES)
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from error
    if len(data) == KEY_BYTES:
        return check_public_key(data)
    try:
        if b"-----BEGIN" in data:
            return check_public_key(_pem(data))
        return check_public_key(bytes.fromhex(data.decode("ascii").strip()))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"{path}: expected a public Ed25519 key") from error


def _pem(data: bytes) -> bytes:
    key = load_pem_public_key(data)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("another kind of key")  # noqa: TRY004 - of the file's content
    return key.public_bytes_raw()
