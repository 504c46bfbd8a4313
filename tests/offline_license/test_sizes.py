"""A byte ceiling per object: growth is a decision, not an accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_license.fingerprint import Enrolled
from offline_license.keys import public_bytes
from offline_license.lease import Grants, Lease, certify_proxy_key, issue_lease
from offline_license.model import Capacity, Kind
from offline_license.states import State
from tests.support.licensing import test_key

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


def test_a_full_license_fits_450_bytes(issuer: Issuer) -> None:
    terms = {
        "name": "Example University Hospital Berlin",
        "features": (1, 2, 3, 4, 5, 6),
        "capacity": Capacity(64, 2, 10_000, 1),
        "enrolled": Enrolled(issuer.host(gpu_set=("GPU-1", "GPU-2"))),
        "request": bytes(16),
    }

    assert len(issuer.license_bytes(**terms)) <= 450


def test_an_unbound_evaluation_fits_200_bytes(issuer: Issuer) -> None:
    terms = {"kind": Kind.EVALUATION, "install_key": None, "name": "Evaluation"}

    assert len(issuer.license_bytes(**terms)) <= 200


def test_a_request_fits_351_bytes(issuer: Issuer) -> None:
    assert len(issuer.request_bytes(lid=bytes(16), seq=9)) <= 351


def test_a_lease_fits_222_bytes(issuer: Issuer) -> None:
    lease = Lease(
        id=bytes(8),
        lid=bytes(16),
        seq=1,
        state=State.VALID,
        flags=frozenset(),
        ttl_s=300,
        hold_s=86_400,
        nonce=bytes(16),
        grants=Grants(None, 64),
        epoch=1,
        license_digest=bytes(32),
        instance="asr-1",
    )

    assert len(issue_lease(lease, issuer.install_key)) <= 222


def test_a_certified_proxy_key_fits_200_bytes(issuer: Issuer) -> None:
    proxy_key = public_bytes(test_key("proxy"))

    assert len(certify_proxy_key(issuer.install_key, proxy_key, 1)) <= 200
