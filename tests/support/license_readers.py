"""Everything that reads bytes from outside, with genuine objects to start from.

The property tests and the coverage-guided fuzzer share this one table: whatever the
bytes are, each reader gives an object or a LicenseError.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.leases.wire import LeaseAnswer, LeaseAsk, demo_offer, refusal_code
from appliance.usage_wire import UsageBatch
from offline_license import cbor
from offline_license.anchor import LicenseAnchor
from offline_license.armor import Label, armor, unarmor
from offline_license.cose import ObjectType, open_sign, open_sign1, sign, sign1
from offline_license.errors import LicenseError
from offline_license.extension import find_index
from offline_license.fingerprint import Fingerprint
from offline_license.frames import split, whole
from offline_license.intake import recognize
from offline_license.keys import private_key_from_pem, private_key_pem
from offline_license.keyset import KeyUse, verify_keyset
from offline_license.lease import (
    Chain,
    issue_lease,
    verify_chain,
    verify_lease,
)
from offline_license.ledger import read_ledger
from offline_license.ledger_schema import (
    decode_record,
    encode_record,
)
from offline_license.license import peek_license, verify_license
from offline_license.mini import peek_mini_request, verify_mini_request
from offline_license.report import payload_of, verify_report
from offline_license.report_envelope import Envelope, write_envelope
from offline_license.report_intake import Account
from offline_license.request import peek_request, verify_request
from offline_license.response import (
    peek_response,
    verify_response,
)
from offline_license.revocation import (
    verify_revocations,
)
from offline_license.scanner import scanner_text
from tests.support.license_objects import (
    ACCOUNT,
    ANSWER,
    ASK,
    CHAIN,
    EXTENSIONS,
    GENESIS,
    ISSUER,
    KEYSET,
    LEASE,
    LEDGER,
    MINI,
    PROXY,
    PUBLISHED,
    QUESTION,
    RECORDS,
    REPORTS,
    RESPONSE,
    REVOCATIONS,
    USAGE,
    VERIFIED,
)
from tests.support.licensing import test_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["READERS", "Reader", "read"]


@dataclass(frozen=True, slots=True)
class Reader:
    """One way in.

    Attributes:
        read: gives an object or raises a LicenseError.
        seeds: genuine inputs.
        sign: makes an object around a payload, genuinely signed, so that what lies
            behind the signature is reached too; None where nothing is signed.
    """

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    sign: Callable[[bytes], bytes] | None = None


def read(reader: Reader, data: bytes) -> bool:
    """Read once; false when it is refused. Any other error comes through."""
    with contextlib.suppress(LicenseError):
        reader.read(data)
        return True
    return False


def _published(name: str) -> bytes:
    return bytes.fromhex(PUBLISHED[name])


def _signed(
    type_: ObjectType,
    key: Ed25519PrivateKey,
    read_: Callable[[bytes], object],
    *seeds: bytes,
) -> Reader:
    """Return the reader of a COSE_Sign1 object; its payloads are seeds as well."""
    payloads = [open_sign1(one, type_).payload for one in seeds]
    return Reader(
        read_, (*seeds, *payloads), lambda payload: sign1(type_, payload, key)
    )


def _keyset() -> Reader:
    seeds = (CHAIN.keyset, _published("keyset"))
    payloads = (open_sign(one, ObjectType.KEYSET).payload for one in seeds)
    return Reader(
        lambda data: verify_keyset(data, ISSUER.anchor),
        (*seeds, *payloads),
        lambda payload: sign(ObjectType.KEYSET, payload, ISSUER.roots[:2]),
    )


def _text(*labels: Label) -> Reader:
    texts = {
        Label.LICENSE: ISSUER.license_text(),
        Label.REQUEST: armor(ISSUER.request_bytes(), Label.REQUEST),
    }
    return Reader(
        lambda data: [unarmor(data, label) for label in labels],
        tuple(texts[label].encode() for label in labels),
    )


def _as_text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


READERS: Mapping[str, Reader] = {
    "cbor": Reader(cbor.decode, (_published("license")[1:], b"\xa1\x01\x82\xf4\x60")),
    "license": _signed(
        ObjectType.LICENSE,
        ISSUER.issuing_key(KeyUse.LICENSE_PRODUCTION),
        lambda data: verify_license(data, KEYSET),
        CHAIN.license,
        _published("license"),
    ),
    "unverified-license": Reader(peek_license, (CHAIN.license,)),
    "request": _signed(
        ObjectType.REQUEST,
        ISSUER.install_key,
        verify_request,
        ISSUER.request_bytes(),
        _published("request"),
    ),
    "unverified-request": Reader(peek_request, (ISSUER.request_bytes(),)),
    "keyset": _keyset(),
    "lease": _signed(
        ObjectType.LEASE,
        PROXY,
        lambda data: verify_lease(data, VERIFIED, QUESTION),
        issue_lease(LEASE, PROXY),
        _published("lease"),
    ),
    "proxy-key": _signed(
        ObjectType.PROXY_KEY,
        ISSUER.install_key,
        lambda data: verify_chain(
            Chain(CHAIN.keyset, CHAIN.license, data), ISSUER.anchor
        ),
        CHAIN.proxy_key,
    ),
    "response": _signed(
        ObjectType.RESPONSE,
        ISSUER.issuing_key(KeyUse.LICENSE_PRODUCTION),
        lambda data: verify_response(data, ISSUER.anchor),
        RESPONSE,
    ),
    "unverified-response": Reader(peek_response, (RESPONSE,)),
    "revocations": _signed(
        ObjectType.REVOCATION,
        ISSUER.issuing_key(KeyUse.REVOCATION),
        lambda data: verify_revocations(data, KEYSET),
        REVOCATIONS,
    ),
    "mini-request": _signed(
        ObjectType.MINI_REQUEST,
        ISSUER.install_key,
        lambda data: verify_mini_request(data, ISSUER.install_public),
        MINI,
    ),
    "unverified-mini-request": Reader(peek_mini_request, (MINI,)),
    "ledger": Reader(
        lambda data: list(read_ledger(data, GENESIS, ISSUER.install_public)),
        (LEDGER, LEDGER + LEDGER[:192], LEDGER[192:]),
    ),
    "report": Reader(
        lambda data: verify_report(data, ISSUER.install_public),
        (*REPORTS, *map(payload_of, REPORTS)),
        lambda payload: write_envelope(Envelope(payload).signed(ISSUER.install_key)),
    ),
    "lease-question": Reader(LeaseAsk.from_json, (ASK,)),
    "lease-answer": Reader(LeaseAnswer.from_json, (ANSWER,)),
    "lease-refusal": Reader(
        lambda data: (refusal_code(data), demo_offer(data)),
        (b'{"code": "ANX-LIC-38", "demo": {}}', ANSWER),
    ),
    "vendor-account": Reader(Account.from_bytes, (ACCOUNT,)),
    "usage-batch": Reader(UsageBatch.from_json, (USAGE,)),
    "ledger-record": Reader(decode_record, tuple(map(encode_record, RECORDS))),
    "anchor": Reader(LicenseAnchor.from_bytes, (ISSUER.anchor.to_bytes(),)),
    "license-text": _text(Label.LICENSE),
    "request-text": _text(Label.REQUEST),
    "intake": Reader(
        recognize,
        (
            CHAIN.license,
            CHAIN.keyset,
            MINI,
            ISSUER.license_text().encode(),
            whole(CHAIN.license).encode(),
            "\n".join(split(CHAIN.license)).encode(),
            split(CHAIN.license)[1].encode(),
            scanner_text(CHAIN.license).encode(),
            EXTENSIONS.codes[0].encode(),
        ),
    ),
    "host-json": Reader(Fingerprint.from_json, (ISSUER.host().to_json().encode(),)),
    "extension-code": Reader(
        lambda data: find_index(EXTENSIONS.anchor, ISSUER.terms().lid, _as_text(data)),
        tuple(code.encode() for code in EXTENSIONS.codes),
    ),
    "install-key": Reader(
        private_key_from_pem,
        (
            private_key_pem(test_key("a")),
            private_key_pem(test_key("a"), b"passphrase"),
        ),
    ),
}
