"""The signed envelope: one form, one algorithm, types bound twice (cases 2 to 9)."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from offline_license import cbor
from offline_license.cose import (
    ALG_ED25519,
    SIGN1_TAG,
    SIGN_TAG,
    ObjectType,
    open_sign,
    open_sign1,
    sign,
    sign1,
)
from offline_license.errors import (
    AlgorithmError,
    DecodeError,
    LicenseError,
    SignatureError,
    SizeError,
    TrailingError,
    TypeMismatchError,
)
from offline_license.keys import key_id, public_bytes
from tests.support.licensing import test_key

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = test_key("signer")
PUBLIC = public_bytes(KEY)
KID = key_id(PUBLIC)
HEADER = {1: ALG_ED25519, 4: KID, 16: "anx-lic+1"}
L = 2**252 + 27742317777372353535851937790883648493


def envelope(header: object, *parts: object) -> bytes:
    """Build an envelope whose signature covers exactly this header."""
    protected = cbor.encode(header)
    signed = cbor.encode(["Signature1", protected, b"anechoic/lic/1", b"payload"])
    body: list[object] = [protected, {}, b"payload", KEY.sign(signed)]
    body[1 : 1 + len(parts)] = parts
    return SIGN1_TAG + cbor.encode(body)


def test_a_signed_object_opens_and_verifies() -> None:
    data = sign1(ObjectType.LICENSE, b"payload", KEY)

    signed = open_sign1(data, ObjectType.LICENSE)

    assert signed.kid == KID
    assert signed.verify(PUBLIC) == b"payload"
    assert data == envelope(HEADER)


@pytest.mark.parametrize("algorithm", [0, -7, -8, 5, -257, "none"])
def test_another_algorithm_is_refused_even_with_the_right_signature(
    algorithm: object,
) -> None:
    with pytest.raises(AlgorithmError):
        open_sign1(envelope({**HEADER, 1: algorithm}), ObjectType.LICENSE)


def test_an_hmac_keyed_with_the_public_key_is_refused() -> None:
    """The classic confusion: a MAC that anyone can make with public bytes."""
    data = envelope({**HEADER, 1: 5})

    with pytest.raises(AlgorithmError):
        open_sign1(data, ObjectType.LICENSE)


@pytest.mark.parametrize(
    ("made", "wanted"), list(itertools.permutations(ObjectType, 2))
)
def test_no_object_passes_as_another_type(made: ObjectType, wanted: ObjectType) -> None:
    data = sign1(made, b"payload", KEY)

    with pytest.raises(TypeMismatchError):
        open_sign1(data, wanted)


def test_the_external_data_binds_the_type_even_under_a_forged_header() -> None:
    protected = cbor.encode({**HEADER, 16: ObjectType.LEASE.typ})
    signed = cbor.encode(["Signature1", protected, b"anechoic/lic/1", b"payload"])
    data = SIGN1_TAG + cbor.encode([protected, {}, b"payload", KEY.sign(signed)])

    opened = open_sign1(data, ObjectType.LEASE)

    with pytest.raises(SignatureError):
        opened.verify(PUBLIC)


def _duplicate_label() -> bytes:
    header = b"\xa4\x01\x32" + cbor.encode(HEADER)[1:]
    return SIGN1_TAG + cbor.encode([header, {}, b"payload", bytes(64)])


MALFORMED: dict[str, Callable[[], bytes]] = {
    "unprotected header in use": lambda: envelope(HEADER, {1: -19}),
    "critical header present": lambda: envelope({**HEADER, 2: [4]}),
    "header without kid": lambda: envelope({1: ALG_ED25519, 16: "anx-lic+1"}),
    "kid of another length": lambda: envelope({**HEADER, 4: b"short"}),
    "kid that is text": lambda: envelope({**HEADER, 4: "12345678"}),
    "header that is no map": lambda: envelope([]),
    "header that is no bytes": lambda: SIGN1_TAG + cbor.encode([{}, {}, b"", b""]),
    "payload that is no bytes": lambda: envelope(HEADER, {}, "text"),
    "signature of 63 bytes": lambda: envelope(HEADER, {}, b"payload", bytes(63)),
    "signature of 65 bytes": lambda: envelope(HEADER, {}, b"payload", bytes(65)),
    "signature that is text": lambda: envelope(HEADER, {}, b"payload", "x" * 64),
    "three parts": lambda: SIGN1_TAG + cbor.encode([b"", {}, b""]),
    "no array": lambda: SIGN1_TAG + cbor.encode({}),
    "no tag": lambda: envelope(HEADER)[1:],
    "another tag": lambda: b"\xd1" + envelope(HEADER)[1:],
    "tag in two bytes": lambda: b"\xd8\x12" + envelope(HEADER)[1:],
    "duplicate label": _duplicate_label,
}


@pytest.mark.parametrize("build", MALFORMED.values(), ids=MALFORMED.keys())
def test_another_form_of_envelope_is_refused(build: Callable[[], bytes]) -> None:
    with pytest.raises(DecodeError):
        open_sign1(build(), ObjectType.LICENSE)


def test_two_objects_in_one_file_are_refused() -> None:
    data = envelope(HEADER)

    with pytest.raises(TrailingError):
        open_sign1(data + data, ObjectType.LICENSE)


@pytest.mark.parametrize("size", [0, 65_537])
def test_the_size_is_checked_before_anything_is_parsed(size: int) -> None:
    with pytest.raises(SizeError):
        open_sign1(b"\xff" * size, ObjectType.LICENSE)


def test_every_flipped_bit_is_refused() -> None:
    """Case 1: no second payload is ever accepted under one signature."""
    data = envelope(HEADER)

    for at, bit in itertools.product(range(len(data)), range(8)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << bit
        with pytest.raises(LicenseError):
            open_sign1(bytes(flipped), ObjectType.LICENSE).verify(PUBLIC)


def test_a_malleable_signature_is_refused() -> None:
    data = envelope(HEADER)
    s = int.from_bytes(data[-32:], "little") + L

    malleable = data[:-32] + s.to_bytes(32, "little")

    with pytest.raises(SignatureError):
        open_sign1(malleable, ObjectType.LICENSE).verify(PUBLIC)


def test_several_keys_sign_one_object() -> None:
    keys = (KEY, test_key("other"))

    signed = open_sign(sign(ObjectType.KEYSET, b"payload", keys), ObjectType.KEYSET)

    assert {one.kid for one in signed.signatures} == {
        key_id(public_bytes(key)) for key in keys
    }
    for one in signed.signatures:
        public = PUBLIC if one.kid == KID else public_bytes(keys[1])
        signed.verify(one, public)


def test_a_signature_of_many_is_for_its_own_key() -> None:
    signed = open_sign(sign(ObjectType.KEYSET, b"payload", (KEY,)), ObjectType.KEYSET)

    with pytest.raises(SignatureError):
        signed.verify(signed.signatures[0], public_bytes(test_key("other")))


@pytest.mark.parametrize(
    "entries",
    [
        "no list",
        [1],
        [[b"", {}]],
        [[cbor.encode({1: -19, 4: KID}), {1: 1}, bytes(64)]],
        [[cbor.encode({1: -19, 4: KID}), {}, bytes(63)]],
        [[cbor.encode({1: -19}), {}, bytes(64)]],
        [[cbor.encode({1: -19, 4: KID, 16: "anx-key+1"}), {}, bytes(64)]],
    ],
)
def test_another_form_of_many_signatures_is_refused(entries: object) -> None:
    body = cbor.encode({16: "anx-key+1"})
    data = SIGN_TAG + cbor.encode([body, {}, b"payload", entries])

    with pytest.raises(DecodeError):
        open_sign(data, ObjectType.KEYSET)


def test_many_signatures_of_another_type_are_refused() -> None:
    data = sign(ObjectType.KEYSET, b"payload", (KEY,))

    with pytest.raises(TypeMismatchError):
        open_sign(data, ObjectType.REVOCATION)
