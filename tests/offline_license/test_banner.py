"""The sentence that every face shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from offline_license.banner import banner
from offline_license.clock import effective_time
from offline_license.decide import decide
from offline_license.fingerprint import Binding
from offline_license.model import Post
from offline_license.standing import Standing
from offline_license.states import Flag, State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


def test_without_a_license_the_next_step_is_a_request() -> None:
    decision = decide(None, at=effective_time(wall=IAT, floor=0))

    assert "Make a request" in banner(decision, None)


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


def test_a_revocation_to_come_is_announced_with_its_date(issuer: Issuer) -> None:
    at = effective_time(wall=IAT, floor=0)
    decision = decide(issuer.terms(), at=at, revoked_at=IAT + 14 * DAY_S)

    text = banner(decision, issuer.terms())

    assert "from 2027-01-29T08:00:00Z on" in text
    assert "Ask the vendor" in text


def test_an_extension_moves_the_date_that_is_shown(issuer: Issuer) -> None:
    extended = Standing(
        issuer.terms().lid, 1, State.GRACE, extended_to=TERM + DAY_S, extension_s=9
    )
    at = effective_time(wall=EXP, floor=0)

    text = banner(decide(issuer.terms(), at=at, previous=extended), issuer.terms())

    assert "continues to 2028-02-15T08:00:00Z" in text


def test_a_drill_says_that_it_is_one(issuer: Issuer) -> None:
    at = effective_time(wall=EXP, floor=0)
    decision = decide(issuer.terms(), at=at, noted=frozenset({Flag.DRILL}))

    assert banner(decision, issuer.terms()).startswith("This is a drill")
