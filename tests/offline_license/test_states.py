"""The tables: what each state permits, half-open windows (case 18)."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from offline_license.model import Post
from offline_license.refusals import REFUSALS, refusal
from offline_license.states import (
    EXIT_CODES,
    Permit,
    State,
    service_of,
    window_state,
)
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

WARNED = 72 * HOUR_S


@pytest.mark.parametrize(
    ("t", "state"),
    [
        (IAT - 1, State.PENDING),
        (IAT, State.VALID),
        (EXP - 90 * DAY_S - 1, State.VALID),
        (EXP - 90 * DAY_S, State.EXPIRING),
        (EXP - 1, State.EXPIRING),
        (EXP, State.GRACE),
        (EXP + 1, State.GRACE),
        (TERM - 1, State.GRACE),
        (TERM, State.RESTRICTED),
    ],
)
def test_windows_are_half_open(issuer: Issuer, t: int, state: State) -> None:
    assert window_state(issuer.terms(), t, banner_s=WARNED) is state


def test_restriction_waits_for_72_hours_of_banner(issuer: Issuer) -> None:
    long_after = TERM + 1_000 * DAY_S

    state = window_state(issuer.terms(), long_after, banner_s=WARNED - 1)

    assert state is State.GRACE


def test_without_warning_days_there_is_no_expiring(issuer: Issuer) -> None:
    terms = issuer.terms(warn_days=())

    assert window_state(terms, EXP - 1, banner_s=0) is State.VALID


SERVICE = {
    (State.UNLICENSED, None): (Permit.NONE, Permit.DEMO, "ANX-LIC-31"),
    (State.PENDING, None): (Permit.NONE, Permit.DEMO, "ANX-LIC-31"),
    (State.VALID, None): (Permit.LICENSED, Permit.LICENSED, ""),
    (State.EXPIRING, None): (Permit.LICENSED, Permit.LICENSED, ""),
    (State.GRACE, None): (Permit.LICENSED, Permit.LICENSED, ""),
    (State.RESTRICTED, Post.STOP): (Permit.NONE, Permit.NONE, "ANX-LIC-32"),
    (State.RESTRICTED, Post.TRICKLE): (Permit.ONE, Permit.ONE, "ANX-LIC-33"),
    (State.RESTRICTED, Post.ADVISORY): (Permit.LICENSED, Permit.LICENSED, ""),
    (State.REVOKED, None): (Permit.NONE, Permit.NONE, "ANX-LIC-34"),
}


@pytest.mark.parametrize(("state", "post"), list(itertools.product(State, Post)))
def test_the_service_table_is_the_one_that_is_documented(
    state: State, post: Post
) -> None:
    batch, streams, code = SERVICE.get((state, None)) or SERVICE[state, post]

    service = service_of(state, post)

    assert (service.batch, service.streams, service.code) == (batch, streams, code)


def test_what_must_always_work_cannot_be_forbidden() -> None:
    """Health, status, renewal, export and updates have no field in a service."""
    service = service_of(State.REVOKED, Post.STOP)

    assert set(service.__slots__) == {"batch", "streams", "code"}


def test_every_state_has_its_exit_code() -> None:
    assert {state.name: EXIT_CODES[state] for state in State} == {
        "UNLICENSED": 40,
        "PENDING": 40,
        "VALID": 0,
        "EXPIRING": 10,
        "GRACE": 20,
        "RESTRICTED": 30,
        "REVOKED": 30,
    }


def test_every_refusal_says_what_it_means_and_what_to_do() -> None:
    for words in REFUSALS.values():
        assert words.title
        assert words.meaning
        assert words.remedy


def test_a_code_of_a_later_version_is_kept() -> None:
    assert refusal("ANX-LIC-39").code == "ANX-LIC-39"
