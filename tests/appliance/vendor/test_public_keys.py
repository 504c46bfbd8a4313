"""Public keys in the forms in which people hand them over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.vendor.public_keys import read_public_key
from offline_license.errors import KeyFileError, WeakKeyError
from offline_license.keys import public_bytes
from tests.support.licensing import test_key

if TYPE_CHECKING:
    from pathlib import Path

KEY = test_key("officer")
PUBLIC = public_bytes(KEY)
PEM = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "data",
    [PUBLIC, PUBLIC.hex().encode() + b"\n", KEY.public_key().public_bytes(*PEM)],
    ids=["raw", "hexadecimal", "pem"],
)
def test_a_key_is_read_in_every_form(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "key").write_bytes(data)

    assert read_public_key(tmp_path / "key") == PUBLIC


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a key",
        b"abcd",
        bytes(range(128, 160)) * 3,
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        X25519PrivateKey.generate().public_key().public_bytes(*PEM),
    ],
    ids=["empty", "words", "short", "binary", "broken", "another kind"],
)
def test_anything_else_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "key").write_bytes(data)

    with pytest.raises((KeyFileError, WeakKeyError)):
        read_public_key(tmp_path / "key")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="No such file"):
        read_public_key(tmp_path / "gone")


def test_a_key_that_would_prove_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(32))

    with pytest.raises(WeakKeyError):
        read_public_key(tmp_path / "key")
