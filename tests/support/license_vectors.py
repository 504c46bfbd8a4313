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
from offline_license.fingerprint import Enrolled
from offline_license.keys import public_bytes
from offline_license.lease import Grants, Lease, certify_proxy_key, issue_lease
from offline_license.license import verify_license
from offline_license.model import Capacity
from offline_license.states import Flag, State
from tests.support.licensing import Issuer, test_key

__all__ = ["PATH", "vectors"]

PATH = Path(__file__).parents[1] / "offline_license" / "vectors" / "objects.json"
_SEEDS = (
    "vendor root 1",
    "vendor root 2",
    "vendor root 3",
    "vendor issuing LICENSE_PRODUCTION",
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
    }


if __name__ == "__main__":
    PATH.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
