"""The mini request: a renewal asked for by one small QR code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offline_license import cbor
from offline_license.cose import ObjectType, sign1
from offline_license.errors import SchemaError, SignatureError, UnknownKeyError
from offline_license.frames import CONSOLE_CHARS, split
from offline_license.keys import key_id
from offline_license.mini import (
    MiniRequest,
    mini_request,
    peek_mini_request,
    verify_mini_request,
)
from offline_license.states import Flag
from tests.support.licensing import IAT

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

HEAD = bytes(range(100, 116))
VALUES = {2: bytes(4), 3: 1, 6: bytes(4), 7: [IAT, 0]}


def test_a_mini_request_says_what_a_renewal_needs(issuer: Issuer) -> None:
    data = issuer.mini_request_bytes(
        nonce=HEAD, ledger=(70_000, HEAD), flags=(Flag.CLOCK_BEHIND, Flag.DRILL)
    )

    assert verify_mini_request(data, issuer.install_public) == MiniRequest(
        kid=key_id(issuer.install_public),
        lid=issuer.terms().lid[:4],
        seq=1,
        nonce=HEAD[:4],
        wall_s=IAT,
        flags=(Flag.CLOCK_BEHIND, Flag.DRILL),
        ledger=(70_000, HEAD[:4]),
    )


def test_it_names_the_license_as_its_serial_does(issuer: Issuer) -> None:
    found = peek_mini_request(issuer.mini_request_bytes())

    assert found.serial == issuer.terms().serial
    assert found.ledger is None


def test_the_largest_one_is_one_code_on_a_console_of_24_lines(issuer: Issuer) -> None:
    request = issuer.request(
        lid=bytes(16),
        seq=65_535,
        wall_s=2**32 - 1,
        flags=tuple(Flag),
        ledger=(2**32 - 1, HEAD),
    )

    data = mini_request(request, issuer.install_key)

    assert len(data) <= 127
    assert [len(text) for text in split(data)] <= [CONSOLE_CHARS]


def test_a_first_request_has_no_mini_form(issuer: Issuer) -> None:
    with pytest.raises(ValueError, match="first request"):
        mini_request(issuer.request(), issuer.install_key)


def test_it_is_signed_by_the_key_it_names(issuer: Issuer, stranger: Issuer) -> None:
    request = issuer.request(lid=bytes(16))

    with pytest.raises(ValueError, match="another install key"):
        mini_request(request, stranger.install_key)


def test_the_request_of_another_installation_is_refused(
    issuer: Issuer, stranger: Issuer
) -> None:
    data = issuer.mini_request_bytes()

    with pytest.raises(UnknownKeyError):
        verify_mini_request(data, stranger.install_public)


def test_a_changed_mini_request_is_refused(issuer: Issuer) -> None:
    data = issuer.mini_request_bytes()
    changed = data[:-1] + bytes([data[-1] ^ 1])

    with pytest.raises(SignatureError):
        verify_mini_request(changed, issuer.install_public)


@pytest.mark.parametrize(
    "change",
    [
        {2: bytes(5)},
        {3: -1},
        {6: "text"},
        {7: IAT},
        {7: [IAT]},
        {7: [IAT, -1]},
        {7: [True, 0]},
        {8: [1, bytes(16)]},
        {8: [-1, bytes(4)]},
        {8: 7},
        {9: 1},
    ],
)
def test_a_genuine_mini_request_of_another_shape_is_refused(
    issuer: Issuer, change: dict[int, object]
) -> None:
    payload = cbor.encode({**VALUES, **change})
    data = sign1(ObjectType.MINI_REQUEST, payload, issuer.install_key)

    with pytest.raises(SchemaError):
        verify_mini_request(data, issuer.install_public)


def test_a_flag_of_a_later_program_is_ignored(issuer: Issuer) -> None:
    payload = cbor.encode({**VALUES, 7: [IAT, 1 << 60]})

    found = peek_mini_request(
        sign1(ObjectType.MINI_REQUEST, payload, issuer.install_key)
    )

    assert found.flags == ()
