"""No object passes as another one, whichever reader it is given to (case 6)."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from offline_license.cose import ObjectType, type_of
from offline_license.errors import DecodeError, TypeMismatchError
from offline_license.keyset import verify_keyset
from offline_license.lease import Chain, issue_lease, verify_chain, verify_lease
from offline_license.license import verify_license
from offline_license.mini import verify_mini_request
from offline_license.request import verify_request
from offline_license.response import verify_response
from offline_license.revocation import verify_revocations
from tests.support.license_objects import (
    CHAIN,
    ISSUER,
    KEYSET,
    LEASE,
    PROXY,
    QUESTION,
    VERIFIED,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OBJECTS = {
    ObjectType.LICENSE: CHAIN.license,
    ObjectType.REQUEST: ISSUER.request_bytes(),
    ObjectType.MINI_REQUEST: ISSUER.mini_request_bytes(),
    ObjectType.RESPONSE: ISSUER.response_bytes(),
    ObjectType.LEASE: issue_lease(LEASE, PROXY),
    ObjectType.PROXY_KEY: CHAIN.proxy_key,
    ObjectType.KEYSET: CHAIN.keyset,
    ObjectType.REVOCATION: ISSUER.revocations_bytes(),
}
READERS: dict[ObjectType, Callable[[bytes], object]] = {
    ObjectType.LICENSE: lambda data: verify_license(data, KEYSET),
    ObjectType.REQUEST: verify_request,
    ObjectType.MINI_REQUEST: lambda data: verify_mini_request(
        data, ISSUER.install_public
    ),
    ObjectType.RESPONSE: lambda data: verify_response(data, ISSUER.anchor),
    ObjectType.LEASE: lambda data: verify_lease(data, VERIFIED, QUESTION),
    ObjectType.PROXY_KEY: lambda data: verify_chain(
        Chain(CHAIN.keyset, CHAIN.license, data), ISSUER.anchor
    ),
    ObjectType.KEYSET: lambda data: verify_keyset(data, ISSUER.anchor),
    ObjectType.REVOCATION: lambda data: verify_revocations(data, KEYSET),
}


@pytest.mark.parametrize("type_", ObjectType)
def test_every_object_is_read_by_its_own_reader(type_: ObjectType) -> None:
    assert READERS[type_](OBJECTS[type_]) is not None
    assert type_of(OBJECTS[type_]) is type_


@pytest.mark.parametrize(
    ("made", "wanted"), list(itertools.permutations(ObjectType, 2))
)
def test_no_genuine_object_passes_as_another(
    made: ObjectType, wanted: ObjectType
) -> None:
    with pytest.raises(TypeMismatchError):
        READERS[wanted](OBJECTS[made])


def test_true_is_not_the_number_one_in_a_header() -> None:
    """The type of a mini request is 1, and to Python ``true`` equals it."""
    data = OBJECTS[ObjectType.MINI_REQUEST].replace(b"\x10\x01", b"\x10\xf5", 1)

    with pytest.raises(TypeMismatchError):
        type_of(data)


def test_bytes_without_our_tags_have_no_type() -> None:
    with pytest.raises(DecodeError):
        type_of(b"\xd1\x84")
