"""Ed25519 keys: identity, acceptance and files.

Randomness is passed in as a seed, like time: nothing here draws it.

A public key is accepted only in its canonical form, on the curve and not of low
order: the verifier in use accepts small-order keys, for which one signature
is valid under many messages (ed25519-speccheck, cases 0 to 3 and 11).
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import (
    InternalError,
    InvalidSignature,
    UnsupportedAlgorithm,
)
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from offline_license.errors import KeyFileError, SignatureError, WeakKeyError

__all__ = [
    "KEY_BYTES",
    "SEED_BYTES",
    "SIGNATURE_BYTES",
    "Ed25519PrivateKey",
    "check_public_key",
    "key_id",
    "private_key_from_pem",
    "private_key_from_seed",
    "private_key_pem",
    "public_bytes",
    "short_id",
    "verify_signature",
]

KEY_BYTES = 32
SEED_BYTES = 32
SIGNATURE_BYTES = 64

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ORDER_8_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_LOW_ORDER_Y = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})


def check_public_key(public: bytes) -> bytes:
    """Return the key when it is fit to be trusted.

    Args:
        public: 32 bytes, the little-endian encoding of RFC 8032 section 5.1.2.

    Raises:
        WeakKeyError: wrong length, not canonical, not on the curve, or of low order.
    """
    if len(public) != KEY_BYTES:
        raise WeakKeyError(f"expected a key of 32 bytes, found {len(public)}")
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    if y >= _P:
        raise WeakKeyError("found a public key in a non-canonical form")
    if y in _LOW_ORDER_Y:
        raise WeakKeyError("found a public key of low order")
    if not _on_curve(y):
        raise WeakKeyError("found a public key that is no point of the curve")
    return public


def _on_curve(y: int) -> bool:
    """Tell whether some x satisfies -x² + y² = 1 + d·x²·y²."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return pow(square, (_P - 1) // 2, _P) == 1


def key_id(public: bytes) -> bytes:
    """Return the 8-byte name of a public key, the start of its SHA-256."""
    return hashlib.sha256(public).digest()[:8]


def short_id(identifier: bytes) -> str:
    """Spell the first four bytes of an identifier for people: ``1F2E-3D4C``."""
    text = identifier[:4].hex().upper()
    return f"{text[:4]}-{text[4:]}"


def verify_signature(public: bytes, signature: bytes, message: bytes) -> None:
    """Verify one Ed25519 signature.

    Raises:
        SignatureError: it does not match, or has a wrong length.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError(
            f"expected a signature by key {short_id(key_id(public))}, "
            "found one that does not match"
        ) from error


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of the public key."""
    return key.public_key().public_bytes_raw()


def private_key_from_seed(seed: bytes) -> Ed25519PrivateKey:
    """Make a private key from 32 random bytes; the caller draws them."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def private_key_pem(key: Ed25519PrivateKey, passphrase: bytes | None = None) -> bytes:
    """Write a private key as PKCS #8 PEM, encrypted when a passphrase is given."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def private_key_from_pem(
    data: bytes, passphrase: bytes | None = None
) -> Ed25519PrivateKey:
    """Open a private key.

    For one damaged byte inside the key, OpenSSL reports an error of its own that
    ``cryptography`` 50 gives on as ``InternalError``.

    Raises:
        KeyFileError: wrong passphrase, damaged file, or another kind of key.
    """
    try:
        key = serialization.load_pem_private_key(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError) as error:
        raise KeyFileError("expected an Ed25519 key that opens, found none") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError("expected an Ed25519 key, found another kind of key")
    return key
