"""The page on the format suffices: a verifier written from it reads what we publish."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.exceptions import InvalidSignature

from tests.support.license_vectors import PATH
from tests.support.second_verifier import (
    Anchor,
    chain_of,
    extension_index,
    from_qr,
    from_scanner,
    key_id,
    open_one,
    report,
    signer_of,
)

PUBLISHED = json.loads(PATH.read_text(encoding="utf-8"))
INSTALL = bytes.fromhex(PUBLISHED["public_keys"]["vendor install"])
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def octets(name: str) -> bytes:
    return bytes.fromhex(PUBLISHED[name])


@pytest.fixture(name="keys")
def keyset_keys() -> dict[bytes, dict[int, object]]:
    return Anchor.read(octets("anchor")).open_keyset(octets("keyset"))


def public_of(keys: dict[bytes, dict[int, object]], data: bytes) -> bytes:
    public = keys[signer_of(data)][2]
    assert isinstance(public, bytes)
    return public


def test_the_chain_from_the_roots_to_a_lease(
    keys: dict[bytes, dict[int, object]],
) -> None:
    data = octets("license")
    license_ = open_one(data, "anx-lic+1", "anechoic/lic/1", public_of(keys, data))
    assert (license_[3], license_[5], license_[13]) == (1, "Example Hospital", INSTALL)

    proxy = open_one(octets("proxy_key"), "anx-pxk+1", "anechoic/pxk/1", license_[13])
    lease = open_one(octets("lease"), "anx-lea+1", "anechoic/lea/1", proxy[3])

    assert proxy[2] == INSTALL
    assert lease[12] == hashlib.sha256(data).digest()
    assert lease[11] == proxy[4]


def test_requests_are_signed_by_the_key_they_name() -> None:
    full = open_one(octets("request"), "anx-req+1", "anechoic/req/1", INSTALL)
    mini = open_one(octets("mini_request"), 1, "anechoic/mrq/1", INSTALL)

    assert full[4] == INSTALL
    assert mini[3] == 1


def test_an_answer_holds_the_other_objects(
    keys: dict[bytes, dict[int, object]],
) -> None:
    data = octets("response")

    answer = open_one(data, "anx-rsp+1", "anechoic/rsp/1", public_of(keys, data))

    assert answer[3] == octets("license")
    assert answer[4] == octets("keyset")
    assert answer[5] == octets("revocations")


def test_a_revocation_list_is_signed_by_a_key_for_it(
    keys: dict[bytes, dict[int, object]],
) -> None:
    data = octets("revocations")

    listed = open_one(data, "anx-rev+1", "anechoic/rev/1", public_of(keys, data))

    assert keys[signer_of(data)][3] == 3
    assert listed[2] == 1


def test_the_text_is_the_object_in_base64() -> None:
    _, _, rest = PUBLISHED["license_text"].partition("\n\n")
    body = rest.split("-----END")[0]

    assert base64.b64decode(body) == octets("license")


def test_what_is_shown_and_printed_is_the_object() -> None:
    license_ = octets("license")

    assert from_qr(PUBLISHED["license_qr"]) == license_
    assert from_qr(*reversed(PUBLISHED["license_frames"])) == license_
    assert from_scanner(PUBLISHED["license_scanner_text"]) == license_


def test_a_code_is_found_in_its_chain() -> None:
    published = PUBLISHED["extension"]
    lid, anchor = (bytes.fromhex(published[name]) for name in ("lid", "anchor"))
    for place, code in enumerate(published["codes"], 1):
        value = 0
        for character in code.replace("-", "")[:20]:
            value = value << 5 | ALPHABET.index(character)

        assert extension_index(lid, anchor, value, 3) == place


def test_the_ledger_is_one_chain() -> None:
    count, chain = chain_of(octets("ledger"), INSTALL)

    assert count == len(octets("ledger")) // 192
    assert len(chain) == 32


@pytest.mark.parametrize("level", ["daily", "hourly"])
def test_a_report_needs_the_public_key_alone(level: str) -> None:
    said = report(PUBLISHED[f"report_{level}"], INSTALL)

    assert said["level"] == level
    assert said["install_key"] == INSTALL.hex()


def test_a_changed_report_is_noticed() -> None:
    changed = json.loads(PUBLISHED["report_daily"])
    payload = base64.b64decode(changed["payload"]).replace(
        b'"served": 22', b'"served": 2'
    )
    changed["payload"] = base64.b64encode(payload).decode()

    with pytest.raises(InvalidSignature):
        report(json.dumps(changed), INSTALL)


def test_every_key_is_named_by_its_hash() -> None:
    assert key_id(INSTALL).hex() == hashlib.sha256(INSTALL).hexdigest()[:16]
