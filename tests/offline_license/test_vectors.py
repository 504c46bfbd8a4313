"""The published objects: what is written down is what the code makes and reads."""

from __future__ import annotations

import json

import pytest

from offline_license.anchor import LicenseAnchor
from offline_license.cose import ObjectType
from offline_license.extension import find_index
from offline_license.intake import SignedObject, recognize
from offline_license.lease import Chain, LeaseQuestion, verify_chain, verify_lease
from offline_license.ledger import first_bad
from offline_license.mini import verify_mini_request
from offline_license.model import ExtensionAnchor
from offline_license.report import Level, verify_report
from offline_license.request import verify_request
from offline_license.response import verify_response
from offline_license.states import State
from tests.support.license_vectors import PATH, vectors

PUBLISHED = json.loads(PATH.read_text(encoding="utf-8"))
INSTALL_KEY = bytes.fromhex(PUBLISHED["public_keys"]["vendor install"])


def test_the_published_objects_are_what_the_code_makes() -> None:
    assert json.loads(json.dumps(vectors())) == PUBLISHED


def test_the_published_chain_verifies_from_anchor_to_lease() -> None:
    octets = {name: bytes.fromhex(PUBLISHED[name]) for name in ("keyset", "license")}
    chain = Chain(**octets, proxy_key=bytes.fromhex(PUBLISHED["proxy_key"]))

    verified = verify_chain(chain, LicenseAnchor.from_hex(PUBLISHED["anchor"]))
    lease = verify_lease(
        bytes.fromhex(PUBLISHED["lease"]),
        verified,
        LeaseQuestion("asr-1", bytes(range(16))),
    )

    assert lease.state is State.VALID


def test_the_published_request_verifies() -> None:
    assert verify_request(bytes.fromhex(PUBLISHED["request"])).build == "0.1.0"


def test_the_published_mini_request_verifies() -> None:
    data = bytes.fromhex(PUBLISHED["mini_request"])

    asked = verify_mini_request(data, INSTALL_KEY)

    assert (asked.seq, asked.serial) == (1, "630B-A094/1")


def test_the_published_response_holds_the_published_objects() -> None:
    anchor = LicenseAnchor.from_hex(PUBLISHED["anchor"])

    answer = verify_response(bytes.fromhex(PUBLISHED["response"]), anchor)

    assert answer.license.data.hex() == PUBLISHED["license"]
    assert answer.newer_keyset == bytes.fromhex(PUBLISHED["keyset"])
    assert answer.newer_revocations == bytes.fromhex(PUBLISHED["revocations"])


@pytest.mark.parametrize(
    "form",
    [
        PUBLISHED["license_text"],
        PUBLISHED["license_qr"],
        "\n".join(reversed(PUBLISHED["license_frames"])),
        PUBLISHED["license_scanner_text"],
    ],
    ids=["text", "QR", "frames", "scanner"],
)
def test_every_published_form_is_the_published_license(form: str) -> None:
    data = bytes.fromhex(PUBLISHED["license"])

    assert recognize(form.encode()) == SignedObject(ObjectType.LICENSE, data)


def test_the_published_codes_are_of_the_published_chain() -> None:
    published = PUBLISHED["extension"]
    anchor = ExtensionAnchor(3, 14, bytes.fromhex(published["anchor"]))

    found = [
        find_index(anchor, bytes.fromhex(published["lid"]), code)
        for code in published["codes"]
    ]

    assert found == [1, 2, 3]


def test_the_published_ledger_is_whole() -> None:
    slots = bytes.fromhex(PUBLISHED["ledger"])

    assert first_bad(slots, INSTALL_KEY) is None


@pytest.mark.parametrize("level", Level)
def test_the_published_reports_verify_with_the_public_key_alone(level: Level) -> None:
    report = verify_report(PUBLISHED[f"report_{level.value}"].encode(), INSTALL_KEY)

    assert report.level is level
    assert report.totals.served == 22
