"""Ed25519 keys: public vectors, acceptance, files."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from offline_license.errors import KeyFileError, SignatureError, WeakKeyError
from offline_license.keys import (
    check_public_key,
    key_id,
    private_key_from_pem,
    private_key_from_seed,
    private_key_pem,
    public_bytes,
    short_id,
    verify_signature,
)
from tests.support.licensing import test_key

VECTORS = Path(__file__).parent / "vectors" / "wycheproof_ed25519.json"
P = 2**255 - 19

# The public keys of ed25519-speccheck, cases 0, 1 and 11, and the other points of
# small order, each with both signs.
LOW_ORDER = [
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
]


def wycheproof() -> list[Any]:
    groups = json.loads(VECTORS.read_text())["testGroups"]
    return [
        pytest.param(group["publicKey"]["pk"], case, id=str(case["tcId"]))
        for group in groups
        for case in group["tests"]
    ]


@pytest.mark.parametrize(("public", "case"), wycheproof())
def test_wycheproof_gives_the_expected_answer(
    public: str, case: dict[str, str]
) -> None:
    key, signature, message = (
        bytes.fromhex(text) for text in (public, case["sig"], case["msg"])
    )
    if case["result"] == "valid":
        verify_signature(check_public_key(key), signature, message)
        return
    with pytest.raises(SignatureError):
        verify_signature(key, signature, message)


def test_all_wycheproof_cases_are_run() -> None:
    results = [one.values[1]["result"] for one in wycheproof()]

    assert (results.count("valid"), results.count("invalid")) == (88, 63)


@pytest.mark.parametrize("encoded", LOW_ORDER)
def test_a_key_of_low_order_is_refused(encoded: str) -> None:
    with pytest.raises(WeakKeyError, match="low order"):
        check_public_key(bytes.fromhex(encoded))


@pytest.mark.parametrize("excess", range(19))
def test_a_non_canonical_key_is_refused(excess: int) -> None:
    with pytest.raises(WeakKeyError, match="non-canonical"):
        check_public_key((P + excess).to_bytes(32, "little"))


def test_a_key_off_the_curve_is_refused() -> None:
    with pytest.raises(WeakKeyError, match="no point"):
        check_public_key((2).to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(WeakKeyError, match="32 bytes"):
        check_public_key(bytes(size))


@given(st.binary(min_size=32, max_size=32))
def test_every_generated_key_is_accepted(seed: bytes) -> None:
    public = public_bytes(private_key_from_seed(seed))

    assert check_public_key(public) == public


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(SignatureError):
        verify_signature(public_bytes(test_key("a")), bytes(size), b"message")


def test_the_short_id_is_read_in_two_groups() -> None:
    assert short_id(bytes.fromhex("1f2e3d4c5b")) == "1F2E-3D4C"
    assert len(key_id(bytes(32))) == 8


def test_a_private_key_survives_its_encrypted_file() -> None:
    key = test_key("a")

    data = private_key_pem(key, b"secret words")

    assert b"ENCRYPTED" in data
    opened = private_key_from_pem(data, b"secret words")
    assert public_bytes(opened) == public_bytes(key)


def test_an_install_key_survives_its_plain_file() -> None:
    opened = private_key_from_pem(private_key_pem(test_key("a")))

    assert public_bytes(opened) == public_bytes(test_key("a"))


@pytest.mark.parametrize("passphrase", [b"wrong", None])
def test_a_wrong_passphrase_is_one_typed_error(passphrase: bytes | None) -> None:
    data = private_key_pem(test_key("a"), b"secret words")

    with pytest.raises(KeyFileError):
        private_key_from_pem(data, passphrase)


def test_a_damaged_key_file_is_one_typed_error() -> None:
    with pytest.raises(KeyFileError):
        private_key_from_pem(b"-----BEGIN NONSENSE-----")


@pytest.mark.parametrize("at", range(48))
def test_a_key_file_with_one_damaged_byte_is_opened_or_refused(at: int) -> None:
    """One of them used to come through as an internal error of OpenSSL."""
    body = base64.b64decode(private_key_pem(test_key("a")).split(b"-----")[2])
    for damage in (1, 0x80, 0xFF):
        der = bytearray(body)
        der[at] ^= damage
        text = base64.b64encode(der).decode()
        pem = f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n"
        with contextlib.suppress(KeyFileError):
            private_key_from_pem(pem.encode())


def test_a_key_that_openssl_stumbles_over_is_one_typed_error() -> None:
    """Found by the fuzzer."""
    body = b"MC4CAQAwBQYDK2VvBCIEIMqXgRLKG73K+sIxs5oj3E2nhu/4FHxOcrmAd4Wv7ki7"

    with pytest.raises(KeyFileError):
        private_key_from_pem(
            b"-----BEGIN PRIVATE KEY-----\n" + body + b"\n-----END PRIVATE KEY-----\n"
        )


def test_a_key_of_another_kind_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    with pytest.raises(KeyFileError, match="another kind"):
        private_key_from_pem(other)
