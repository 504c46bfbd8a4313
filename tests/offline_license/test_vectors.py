"""The published objects: what is written down is what the code makes and reads."""

from __future__ import annotations

import json

from offline_license.anchor import LicenseAnchor
from offline_license.lease import Chain, LeaseQuestion, verify_chain, verify_lease
from offline_license.request import verify_request
from offline_license.states import State
from tests.support.license_vectors import PATH, vectors

PUBLISHED = json.loads(PATH.read_text(encoding="utf-8"))


def test_the_published_objects_are_what_the_code_makes() -> None:
    assert vectors() == PUBLISHED


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
