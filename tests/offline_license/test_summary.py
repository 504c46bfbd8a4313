"""What people and programs are shown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from offline_license.clock import effective_time
from offline_license.decide import decide
from offline_license.errors import SignatureError
from offline_license.fingerprint import Binding, Enrolled, match
from offline_license.model import Post
from offline_license.standing import Standing
from offline_license.states import State
from offline_license.summary import (
    banner,
    decision_json,
    error_json,
    license_json,
    match_json,
)
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


def test_the_terms_are_shown_without_keys_or_hashes(issuer: Issuer) -> None:
    terms = issuer.terms(enrolled=Enrolled(issuer.host()))

    shown = license_json(terms)

    assert shown["valid_through"] == "2028-01-13"
    assert shown["limits"]["streams"] == 8
    assert issuer.install_public.hex() not in json.dumps(shown)


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


@pytest.mark.parametrize(
    ("t", "said"),
    [
        (IAT - 1, "starts at 2027-01-15T08:00:00Z"),
        (IAT, ""),
        (EXP - 1, "is valid through 2028-01-13"),
        (EXP, "was valid through 2028-01-13"),
        (TERM, "One task at a time is served"),
    ],
)
def test_the_banner_names_the_date_that_matters(
    issuer: Issuer, t: int, said: str
) -> None:
    warned = Standing(issuer.terms().lid, 1, State.PENDING, banner_s=72 * HOUR_S)
    at = effective_time(wall=t, floor=0)
    decision = decide(issuer.terms(), at=at, previous=warned)

    text = banner(decision, issuer.terms())

    assert said in text
    assert bool(said) == bool(text)


@pytest.mark.parametrize(
    ("post", "said"),
    [(Post.STOP, "New work is refused"), (Post.ADVISORY, "Service goes on")],
)
def test_after_the_end_the_banner_says_what_is_served(
    issuer: Issuer, post: Post, said: str
) -> None:
    terms = issuer.terms(post=post)
    warned = Standing(terms.lid, 1, State.GRACE, banner_s=72 * HOUR_S)
    at = effective_time(wall=TERM, floor=0)

    text = banner(decide(terms, at=at, previous=warned), terms)

    assert said in text
    assert "2028-01-13" in text


def test_a_host_that_is_not_recognized_is_told_apart_from_an_end(
    issuer: Issuer,
) -> None:
    foreign = Standing(issuer.terms().lid, 1, State.VALID, mismatch_s=14 * DAY_S)
    decision = decide(
        issuer.terms(),
        at=effective_time(wall=IAT, floor=0),
        binding=Binding.MISMATCH,
        previous=foreign,
    )

    assert "not recognized" in banner(decision, issuer.terms())


def test_a_revoked_license_is_called_so(issuer: Issuer) -> None:
    at = effective_time(wall=IAT, floor=0)
    decision = replace(decide(issuer.terms(), at=at), state=State.REVOKED)

    assert "revoked" in banner(decision, issuer.terms())


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
