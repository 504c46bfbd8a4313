"""A byte ceiling per object: growth is a decision, not an accident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from offline_license.fingerprint import Enrolled
from offline_license.frames import split
from offline_license.keys import public_bytes
from offline_license.lease import Grants, Lease, certify_proxy_key, issue_lease
from offline_license.model import (
    Capacity,
    ExtensionAnchor,
    Kind,
    LedgerAck,
    ReportCadence,
    ReportMode,
)
from offline_license.states import Flag, State
from tests.support.licensing import IAT, test_key

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


FULL: dict[str, Any] = {
    "name": "Example University Hospital Berlin",
    "features": (1, 2, 3, 4, 5, 6),
    "capacity": Capacity(64, 2, 10_000, 1),
    "request": bytes(16),
    "report": ReportCadence(90, ReportMode.ADVISORY),
    "ack": LedgerAck(70_000, bytes(16)),
    "extension": ExtensionAnchor(4, 14, bytes(13)),
    "max_build_date": IAT,
    "keyset_version": 1,
}
"""Every field that one license of a host without a TPM has, with real lengths."""


def test_a_full_license_fits_450_bytes(issuer: Issuer) -> None:
    enrolled = Enrolled(issuer.host(gpu_set=("GPU-1", "GPU-2")))

    assert len(issuer.license_bytes(**FULL, enrolled=enrolled)) <= 450


def test_an_unbound_evaluation_fits_200_bytes(issuer: Issuer) -> None:
    terms = {"kind": Kind.EVALUATION, "install_key": None, "name": "Evaluation"}

    assert len(issuer.license_bytes(**terms)) <= 200


def test_a_request_fits_351_bytes_and_three_codes_on_a_console(
    issuer: Issuer,
) -> None:
    data = issuer.request_bytes(
        lid=bytes(16),
        seq=9,
        ledger=(70_000, bytes(16)),
        usage=((1, 3_600_000_000), (2, 100_000), (3, 9_000)),
    )

    assert len(data) <= 351
    assert len(split(data)) == 3


def test_a_mini_request_fits_127_bytes_and_one_code_on_a_console(
    issuer: Issuer,
) -> None:
    data = issuer.mini_request_bytes(ledger=(2**32 - 1, bytes(16)), flags=tuple(Flag))

    assert len(data) <= 127
    assert len(split(data)) == 1


def test_a_key_set_of_four_keys_fits_420_bytes(issuer: Issuer) -> None:
    assert len(issuer.keyset_bytes()) <= 420


def test_a_revocation_list_takes_32_bytes_an_entry(issuer: Issuer) -> None:
    entry = issuer.revocation()

    one, ten = (issuer.revocations_bytes(entries=(entry,) * n) for n in (1, 10))

    assert len(one) <= 141
    assert len(ten) - len(one) <= 9 * 32


def test_a_response_takes_142_bytes_beside_what_it_encloses(issuer: Issuer) -> None:
    response = issuer.response()
    enclosed = (response.license, response.keyset, response.revocations)

    size = len(issuer.response_bytes())

    assert size - sum(len(part) for part in enclosed if part) <= 142


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
