"""Published examples of the standards that the format stands on.

Wycheproof's Ed25519 cases are in test_keys.py. The odd signatures at the end are those
of ed25519-speccheck ("Taming the many EdDSAs", 2020), made here anew from their
description, with what each of its twelve cases does to our reader.
"""

from __future__ import annotations

import hashlib
from itertools import count

import cbor2
import pytest

from offline_license import base45, cbor
from offline_license.errors import DecodeError, LicenseError, ScanError, WeakKeyError
from offline_license.keys import (
    check_public_key,
    private_key_from_seed,
    public_bytes,
    verify_signature,
)
from tests.support.edwards import (
    BASE,
    ORDER_8,
    Forgery,
    L,
    P,
    add,
    challenge,
    encode,
    times,
)

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_the_examples_of_rfc_8032_are_made_and_verified(
    seed: str, public: str, message: str, signature: str
) -> None:
    """Section 7.1: tests 1, 2, 3 and SHA(abc)."""
    key = private_key_from_seed(bytes.fromhex(seed))

    assert public_bytes(key).hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    verify_signature(*(bytes.fromhex(one) for one in (public, signature, message)))


RFC_8949 = [
    ("00", 0),
    ("01", 1),
    ("0a", 10),
    ("17", 23),
    ("1818", 24),
    ("1819", 25),
    ("1864", 100),
    ("1903e8", 1000),
    ("1a000f4240", 1_000_000),
    ("1b000000e8d4a51000", 1_000_000_000_000),
    ("1bffffffffffffffff", 2**64 - 1),
    ("3bffffffffffffffff", -(2**64)),
    ("20", -1),
    ("29", -10),
    ("3863", -100),
    ("3903e7", -1000),
    ("f4", False),
    ("f5", True),
    ("40", b""),
    ("4401020304", b"\x01\x02\x03\x04"),
    ("60", ""),
    ("6161", "a"),
    ("6449455446", "IETF"),
    ("62225c", '"\\'),
    ("62c3bc", "\u00fc"),
    ("63e6b0b4", "\u6c34"),
    ("64f0908591", "\U00010151"),
    ("80", []),
    ("83010203", [1, 2, 3]),
    ("8301820203820405", [1, [2, 3], [4, 5]]),
    (
        "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
        list(range(1, 26)),
    ),
    ("a0", {}),
    ("a201020304", {1: 2, 3: 4}),
]
"""Appendix A, as far as it lies in our subset."""

RFC_8949_REFUSED = {
    "positive bignum": "c249010000000000000000",
    "negative bignum": "c349010000000000000000",
    "half float": "f90000",
    "half float, largest": "f97bff",
    "single float": "fa47c35000",
    "double float": "fb3ff199999999999a",
    "infinity": "f97c00",
    "not a number": "f97e00",
    "longer infinity": "fa7f800000",
    "null": "f6",
    "undefined": "f7",
    "simple(16)": "f0",
    "simple(255)": "f8ff",
    "tag 0, date text": "c074323031332d30332d32315432303a30343a30305a",
    "tag 1, date number": "c11a514b67b0",
    "tag 23, base16": "d74401020304",
    "tag 24, encoded": "d818456449455446",
    "tag 32, URI": "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
    "map with text keys": "a26161016162820203",
    "array of a map with text keys": "826161a161626163",
    "endless bytes": "5f42010243030405ff",
    "endless text": "7f657374726561646d696e67ff",
    "endless array": "9fff",
    "endless array inside": "83018202039f0405ff",
    "endless map": "bf61610161629f0203ffff",
}


@pytest.mark.parametrize(("encoded", "value"), RFC_8949)
def test_the_examples_of_rfc_8949_are_read_and_written(
    encoded: str, value: object
) -> None:
    data = bytes.fromhex(encoded)

    assert cbor.decode(data) == value
    assert type(cbor.decode(data)) is type(value)
    assert cbor.encode(value) == data


@pytest.mark.parametrize("encoded", RFC_8949_REFUSED.values(), ids=RFC_8949_REFUSED)
def test_what_lies_outside_the_subset_is_refused(encoded: str) -> None:
    """Valid CBOR, as a general decoder agrees, but not for us."""
    data = bytes.fromhex(encoded)
    cbor2.loads(data)

    with pytest.raises(DecodeError):
        cbor.decode(data)


RFC_9285 = [
    (b"AB", "BB8"),
    (b"Hello!!", "%69 VD92EX0"),
    (b"base-45", "UJCLQE7W581"),
    (b"ietf!", "QED8WEX0"),
    (b"", ""),
]


@pytest.mark.parametrize(("data", "text"), RFC_9285)
def test_the_examples_of_rfc_9285_are_read_and_written(data: bytes, text: str) -> None:
    """Sections 4.3 and 4.4."""
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@pytest.mark.parametrize("text", ["GGW", ":::", "A", "BB8A", "bb8", "B8=", "::"])
def test_what_rfc_9285_forbids_is_refused(text: str) -> None:
    """Section 6: overflows, impossible lengths, other characters."""
    with pytest.raises(ScanError):
        base45.decode(text)


def signed(a_torsion: int, r_torsion: int | None, *, excess: int = 0) -> Forgery:
    """Sign with secret scalars 7 and 11 and points of order 8 mixed in.

    Args:
        a_torsion: how often the point of order 8 is added to the public key.
        r_torsion: the same for R; None makes up for that of the key.
        excess: added to S.
    """
    public = encode(add(times(7, BASE), times(a_torsion, ORDER_8)))
    for number in count():
        message = b"message %d" % number
        for torsion in range(8) if r_torsion is None else (r_torsion,):
            r = encode(add(times(11, BASE), times(torsion, ORDER_8)))
            h = challenge(r, public, message) % L
            if r_torsion is not None or (torsion + h * a_torsion) % 8 == 0:
                s = (11 + h * 7) % L + excess
                return Forgery(public, message, r + s.to_bytes(32, "little"))
    raise AssertionError


def small(public: bytes, r: bytes, a_torsion: int, r_torsion: int) -> Forgery:
    """Find a message for which S = 0 holds with points of small order."""
    for number in count():
        message = b"message %d" % number
        h = challenge(r, public, message) % L
        if (r_torsion + h * a_torsion) % 8 == 0:
            return Forgery(public, message, r + bytes(32))
    raise AssertionError


def small_r() -> Forgery:
    """Sign with R of small order and an ordinary key: S = h times the secret."""
    public, r = encode(times(7, BASE)), encode(times(0, BASE))
    s = challenge(r, public, b"m") * 7 % L
    return Forgery(public, b"m", r + s.to_bytes(32, "little"))


ORDER_8_KEY = encode(ORDER_8)
NEUTRAL_ODD = (P + 1).to_bytes(32, "little")
"""The neutral element with y = 1 written as p + 1."""

REFUSED_KEYS = {
    "key and R of small order, S = 0": small(
        ORDER_8_KEY, encode(times(3, ORDER_8)), 1, 3
    ),
    "key of small order, any message": small(
        encode(times(8, ORDER_8)), encode(times(8, ORDER_8)), 0, 0
    ),
    "key not canonical, of small order": small(
        NEUTRAL_ODD, encode(times(8, ORDER_8)), 0, 0
    ),
}
REFUSED_SIGNATURES = {
    "right only when multiplied by 8": signed(0, 1),
    "right only when multiplied by 8, mixed key": signed(2, 1),
    "S + L": signed(0, 0, excess=L),
    "S + 8 L": signed(0, 0, excess=8 * L),
    "R not canonical": Forgery(
        encode(times(7, BASE)),
        b"m",
        NEUTRAL_ODD
        + (challenge(NEUTRAL_ODD, encode(times(7, BASE)), b"m") * 7 % L).to_bytes(
            32, "little"
        ),
    ),
}
ACCEPTED = {
    "nothing odd": signed(0, 0),
    "R of small order": small_r(),
    "key and R with a part of small order": signed(1, None),
}


@pytest.mark.parametrize("forgery", REFUSED_KEYS.values(), ids=REFUSED_KEYS)
def test_a_key_that_signs_anything_is_refused_before_its_signature(
    forgery: Forgery,
) -> None:
    """The library alone would accept some of these signatures."""
    with pytest.raises(WeakKeyError):
        check_public_key(forgery.public)


@pytest.mark.parametrize("forgery", REFUSED_SIGNATURES.values(), ids=REFUSED_SIGNATURES)
def test_an_odd_signature_is_refused(forgery: Forgery) -> None:
    with pytest.raises(LicenseError, match="does not match"):
        verify_signature(
            check_public_key(forgery.public), forgery.signature, forgery.message
        )


@pytest.mark.parametrize("forgery", ACCEPTED.values(), ids=ACCEPTED)
def test_what_only_the_owner_of_a_key_can_make_is_accepted(forgery: Forgery) -> None:
    """Odd, but nobody gains by it: the secret key was needed, the message is fixed."""
    verify_signature(
        check_public_key(forgery.public), forgery.signature, forgery.message
    )
