"""The envelope is DSSE, as other programs read it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from securesystemslib.dsse import Envelope as OtherEnvelope
from securesystemslib.signer import SSlibKey

from offline_license.errors import LicenseError, ReportError, SizeError
from offline_license.keys import key_id
from offline_license.report_envelope import (
    PAYLOAD_TYPE,
    Envelope,
    read_envelope,
    write_envelope,
)
from tests.support.ledgers import INSTALL_KEY, INSTALL_PUBLIC, OFFICER_KEY
from tests.support.licensing import test_key

ENVELOPE = Envelope(b'{"numbers": 1}\n').signed(INSTALL_KEY)
FILE: dict[str, Any] = json.loads(write_envelope(ENVELOPE))


def test_what_is_written_is_read() -> None:
    assert read_envelope(write_envelope(ENVELOPE)) == ENVELOPE


def test_the_message_is_that_of_the_published_vector() -> None:
    """The example of the DSSE protocol, with our type in the place of theirs."""
    size = len(PAYLOAD_TYPE)

    assert Envelope(b"hello world").message == (
        f"DSSEv1 {size} {PAYLOAD_TYPE} 11 hello world".encode()
    )


def test_another_program_for_dsse_verifies_it() -> None:
    envelope = OtherEnvelope.from_dict(json.loads(write_envelope(ENVELOPE)))
    key = SSlibKey(
        key_id(INSTALL_PUBLIC).hex(),
        "ed25519",
        "ed25519",
        {"public": INSTALL_PUBLIC.hex()},
    )

    assert key.keyid in envelope.verify([key], 1)


def test_a_signature_counts_for_its_own_key_only() -> None:
    both = ENVELOPE.signed(OFFICER_KEY)

    assert both.is_signed_by(INSTALL_PUBLIC)
    assert not ENVELOPE.is_signed_by(OFFICER_KEY.public_key().public_bytes_raw())
    assert not both.is_signed_by(test_key("other").public_key().public_bytes_raw())


def test_signing_again_changes_nothing() -> None:
    assert ENVELOPE.signed(INSTALL_KEY) == ENVELOPE


def test_a_signature_over_other_bytes_does_not_count() -> None:
    moved = Envelope(b"other", ENVELOPE.signatures)

    assert not moved.is_signed_by(INSTALL_PUBLIC)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": 5},
        {"payload": "e30"},
        {"payload": "e31="},
        {"payload": "e30=\n"},
        {"payload": "é"},
        {"payloadType": "application/json"},
        {"signatures": []},
        {"signatures": FILE["signatures"] * 2},
        {"signatures": FILE["signatures"] * 9},
        {"signatures": [{"keyid": "00" * 8}]},
        {"signatures": [{"keyid": "00" * 8, "sig": "AA=="}]},
        {"signatures": [{"keyid": "00", "sig": FILE["signatures"][0]["sig"]}]},
        {"signatures": [{"keyid": "zz" * 8, "sig": FILE["signatures"][0]["sig"]}]},
        {"signatures": [{**FILE["signatures"][0], "comment": "approved"}]},
        {"comment": "approved"},
    ],
    ids=lambda change: str(change)[:50],
)
def test_another_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ReportError):
        read_envelope(json.dumps({**FILE, **change}).encode())


@pytest.mark.parametrize("data", [b"", bytes(33 << 20)])
def test_an_impossible_size_is_refused(data: bytes) -> None:
    with pytest.raises(SizeError):
        read_envelope(data)


@pytest.mark.parametrize("data", [b"[]", b"5", b"name,requests\nfile,5\n"])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(LicenseError):
        read_envelope(data)


def test_the_payload_is_plain_base64() -> None:
    assert base64.b64decode(FILE["payload"]) == ENVELOPE.payload
