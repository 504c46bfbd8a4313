"""What people and programs are shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from offline_license.clock import effective_time
from offline_license.decide import decide
from offline_license.errors import SignatureError
from offline_license.fingerprint import Enrolled, match
from offline_license.model import ExtensionAnchor
from offline_license.summary import (
    decision_json,
    error_json,
    license_json,
    match_json,
)
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


def test_the_terms_are_shown_without_keys_or_hashes(issuer: Issuer) -> None:
    terms = issuer.terms(enrolled=Enrolled(issuer.host()))

    shown = license_json(terms)

    assert shown["valid_through"] == "2028-01-13"
    assert shown["limits"]["streams"] == 8
    assert issuer.install_public.hex() not in json.dumps(shown)


def test_what_the_terms_promise_is_shown(issuer: Issuer) -> None:
    codes = ExtensionAnchor(4, 14, bytes(13))
    terms = issuer.terms(max_build_date=IAT, extension=codes, parent=bytes(16))

    shown, plain = license_json(terms), license_json(issuer.terms())

    assert shown["software_up_to"] == "2027-01-15T08:00:00Z"
    assert (shown["extension_codes"], shown["part_of"]) == (4, "0000-0000")
    assert (plain["software_up_to"], plain["extension_codes"]) == (None, 0)


def test_a_revocation_to_come_is_shown_with_its_date(issuer: Issuer) -> None:
    at = effective_time(wall=IAT, floor=IAT)
    decision = decide(issuer.terms(), at=at, revoked_at=EXP)

    shown = decision_json(decision, issuer.terms(), at)

    assert shown["revoked_from"] == shown["grace_from"] == "2028-01-15T08:00:00Z"
    assert shown["full_service_to"] == "2028-02-14T08:00:00Z"


def test_a_decision_is_shown_with_its_dates_and_days(issuer: Issuer) -> None:
    at = effective_time(wall=EXP - 10 * DAY_S, floor=IAT)

    shown = decision_json(decide(issuer.terms(), at=at), issuer.terms(), at)

    assert (shown["state"], shown["exit_code"]) == ("EXPIRING", 10)
    assert (shown["days_left"], shown["grace_days_left"]) == (10, 40)
    assert shown["until"] == "2028-01-15T08:00:00Z"
    assert shown["refusal"] is None


def test_days_go_negative_after_the_date(issuer: Issuer) -> None:
    at = effective_time(wall=EXP + DAY_S, floor=IAT)

    assert (
        decision_json(decide(issuer.terms(), at=at), issuer.terms(), at)["days_left"]
        == -1
    )


def test_without_a_license_the_refusal_is_spelled_out() -> None:
    at = effective_time(wall=IAT, floor=IAT)

    shown = decision_json(decide(None, at=at), None, at)

    assert shown["refusal"]["code"] == "ANX-LIC-31"
    assert "request" in shown["banner"]
    assert shown["days_left"] is None


def test_a_comparison_of_the_host_is_shown_by_names(issuer: Issuer) -> None:
    found = match(Enrolled(issuer.host()), issuer.host(gpu_set=("other",), nic_set=()))

    assert match_json(found) == {
        "verdict": "drift",
        "matched_weight": 6,
        "readable_weight": 7,
        "enrolled_weight": 8,
        "changed": ["gpu-set"],
        "unreadable": ["nic-set"],
    }


def test_an_error_is_shown_as_a_finding() -> None:
    shown = error_json(SignatureError("expected this, found that"))

    assert shown["code"] == "ANX-LIC-10"
    assert set(shown) == {
        "code",
        "title",
        "severity",
        "evidence",
        "meaning",
        "remedy",
    }
