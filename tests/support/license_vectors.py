"""Write the published vectors of every licensing object.

    python -m tests.support.license_vectors

Keys come from seeds that are part of the file, and Ed25519 signatures repeat, so that
everyone gets the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from offline_license.armor import Label, armor
from offline_license.extension import make_chain
from offline_license.fingerprint import Enrolled
from offline_license.frames import split, whole
from offline_license.keys import public_bytes
from offline_license.keyset import KeyUse
from offline_license.lease import Grants, Lease, certify_proxy_key, issue_lease
from offline_license.license import verify_license
from offline_license.mini import mini_request
from offline_license.model import Capacity, LedgerAck
from offline_license.response import Response, sign_response
from offline_license.scanner import scanner_text
from offline_license.states import Flag, State
from tests.support.license_objects import LEDGER, REPORTS, REVOCATIONS
from tests.support.licensing import Issuer, test_key

__all__ = ["PATH", "vectors"]

PATH = Path(__file__).parents[1] / "offline_license" / "vectors" / "objects.json"
_SEEDS = (
    "vendor root 1",
    "vendor root 2",
    "vendor root 3",
    "vendor issuing LICENSE_PRODUCTION",
    "vendor issuing REVOCATION",
    "vendor install",
    "proxy",
)


def vectors() -> dict[str, Any]:
    """Return every object in hexadecimal, with the seeds of the keys."""
    issuer, proxy = Issuer(), test_key("proxy")
    license_ = issuer.license_bytes(
        capacity=Capacity(8, 2, 1_000, 1, 25),
        enrolled=Enrolled(issuer.host()),
        request=bytes(16),
    )
    verified = verify_license(license_, issuer.keyset())
    lease = Lease(
        id=bytes(range(8)),
        lid=verified.license.lid,
        seq=verified.license.seq,
        state=State.VALID,
        flags=frozenset({Flag.BIND_DRIFT}),
        ttl_s=300,
        hold_s=86_400,
        nonce=bytes(range(16)),
        grants=Grants(jobs=None, streams=8),
        epoch=7,
        license_digest=verified.digest,
        instance="asr-1",
    )
    certificate = certify_proxy_key(issuer.install_key, public_bytes(proxy), 7)
    return {
        "seeds": dict.fromkeys(_SEEDS, "SHA-256 of the name"),
        "public_keys": {name: public_bytes(test_key(name)).hex() for name in _SEEDS},
        "anchor": issuer.anchor.to_hex(),
        "keyset": issuer.keyset_bytes().hex(),
        "request": issuer.request_bytes().hex(),
        "license": license_.hex(),
        "license_text": armor(license_, Label.LICENSE),
        "proxy_key": certificate.hex(),
        "lease": issue_lease(lease, proxy).hex(),
        "license_qr": whole(license_),
        "license_frames": split(license_),
        "license_scanner_text": scanner_text(license_),
        **_answers(issuer, license_),
        **_ledger(),
    }


def _answers(issuer: Issuer, license_: bytes) -> dict[str, Any]:
    """Return what travels between a site and its vendor at a renewal."""
    lid = issuer.terms().lid
    asked = issuer.request(lid=lid, seq=1, ledger=(8, bytes(range(16))))
    codes = make_chain(lid, bytes(range(13)), count=3, days=14)
    answer = Response(
        iat=issuer.now,
        license=license_,
        keyset=issuer.keyset_bytes(),
        revocations=REVOCATIONS,
        ack=LedgerAck(8, bytes(range(16))),
    )
    return {
        "mini_request": mini_request(asked, issuer.install_key).hex(),
        "revocations": REVOCATIONS.hex(),
        "response": sign_response(
            answer, issuer.issuing_key(KeyUse.LICENSE_PRODUCTION)
        ).hex(),
        "extension": {
            "lid": lid.hex(),
            "secret": bytes(range(13)).hex(),
            "anchor": codes.anchor.anchor.hex(),
            "codes": codes.codes,
        },
    }


def _ledger() -> dict[str, Any]:
    """Return two hours of a ledger as they stand on a disk, and reports of them."""
    daily, hourly = (one.decode() for one in REPORTS)
    return {"ledger": LEDGER.hex(), "report_daily": daily, "report_hourly": hourly}


if __name__ == "__main__":
    PATH.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
