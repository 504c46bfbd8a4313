"""Any bytes at all give one typed error or a valid object (case 17)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offline_license import cbor
from offline_license.anchor import LicenseAnchor
from offline_license.armor import Label, unarmor
from offline_license.cose import ObjectType, sign1
from offline_license.errors import LicenseError
from offline_license.fingerprint import Fingerprint
from offline_license.keys import public_bytes
from offline_license.keyset import KeyUse, verify_keyset
from offline_license.lease import (
    Chain,
    LeaseQuestion,
    certify_proxy_key,
    verify_chain,
    verify_lease,
)
from offline_license.license import encode_license, peek_license, verify_license
from offline_license.request import verify_request
from tests.support.licensing import Issuer, test_key
from tests.support.timing import cpu_s

if TYPE_CHECKING:
    from collections.abc import Callable

ISSUER = Issuer()
KEYSET = ISSUER.keyset()
CHAIN = Chain(
    ISSUER.keyset_bytes(),
    ISSUER.license_bytes(),
    certify_proxy_key(ISSUER.install_key, public_bytes(test_key("proxy")), 1),
)
VERIFIED = verify_chain(CHAIN, ISSUER.anchor)

READERS: dict[str, Callable[[bytes], object]] = {
    "license": lambda data: verify_license(data, KEYSET),
    "unverified license": peek_license,
    "request": verify_request,
    "keyset": lambda data: verify_keyset(data, ISSUER.anchor),
    "lease": lambda data: verify_lease(data, VERIFIED, LeaseQuestion("a", bytes(16))),
    "proxy key": lambda data: verify_chain(
        Chain(CHAIN.keyset, CHAIN.license, data), ISSUER.anchor
    ),
    "anchor": LicenseAnchor.from_bytes,
    "armor": lambda data: unarmor(data, Label.LICENSE),
    "host.json": Fingerprint.from_json,
}
SEEDS = (
    CHAIN.license,
    CHAIN.keyset,
    CHAIN.proxy_key,
    ISSUER.request_bytes(),
    ISSUER.anchor.to_bytes(),
    ISSUER.license_text().encode(),
    ISSUER.host().to_json().encode(),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a genuine object with a few bytes overwritten, cut or doubled."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        patch = draw(st.binary(max_size=4))
        data[at : at + draw(st.integers(0, 4))] = patch
    return bytes(data)


def read_or_refuse(read: Callable[[bytes], object], data: bytes) -> None:
    """Read within 50 ms of CPU; nothing but a LicenseError may come out."""

    def reading() -> None:
        with contextlib.suppress(LicenseError):
            read(data)

    assert cpu_s(reading) < 0.05


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
@given(data=st.binary(max_size=300) | mutated())
@settings(deadline=None, max_examples=60)
@example(data=b"\xff" * 65_536)
@example(data=b"\x9b" + b"\xff" * 8)
def test_any_bytes_are_read_or_refused(
    read: Callable[[bytes], object], data: bytes
) -> None:
    read_or_refuse(read, data)


VALUES = st.recursive(
    st.integers(-5, 2**64 - 1) | st.binary(max_size=33) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(0, 30), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(key=st.integers(1, 24), value=VALUES)
@settings(deadline=None)
def test_any_signed_field_is_read_or_refused(key: int, value: object) -> None:
    """Even the holder of an issuing key cannot make a reader stumble."""
    payload = cbor.decode(encode_license(ISSUER.terms()))
    assert isinstance(payload, dict)
    signed = sign1(
        ObjectType.LICENSE,
        cbor.encode({**payload, key: value}),
        ISSUER.issuing_key(KeyUse.LICENSE_PRODUCTION),
    )

    read_or_refuse(READERS["license"], signed)
