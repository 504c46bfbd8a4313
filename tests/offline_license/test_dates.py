"""Dates: "valid through D" ends when D has ended everywhere (cases 19, 20)."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import offline_license
from offline_license.clock import effective_time
from offline_license.dates import exp_of, iso, start_of, term_of, valid_through
from offline_license.decide import decide
from tests.support.licensing import EXP, Issuer


def test_a_leap_day_ends_the_next_noon() -> None:
    assert iso(exp_of(date(2028, 2, 29))) == "2028-03-01T12:00:00Z"


def test_grace_is_counted_in_whole_days() -> None:
    assert iso(term_of(exp_of(date(2027, 9, 30)), 30)) == "2027-10-31T12:00:00Z"


@given(st.dates(date(1970, 1, 2), date(9999, 12, 29)))
def test_the_date_comes_back_from_exp(day: date) -> None:
    assert valid_through(exp_of(day)) == day


def test_an_exp_between_noons_shows_the_last_whole_day() -> None:
    assert valid_through(exp_of(date(2027, 9, 30)) - 1) == date(2027, 9, 29)


def test_a_day_begins_at_midnight() -> None:
    assert iso(start_of(date(2027, 9, 30))) == "2027-09-30T00:00:00Z"


def test_times_beyond_the_calendar_are_shown_as_its_end() -> None:
    assert iso(2**53).startswith("9999-12-31")


@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "Pacific/Kiritimati",
        "Etc/GMT+12",
        "Asia/Kolkata",
        "Africa/Casablanca",
        "Europe/Berlin",
    ],
)
@pytest.mark.parametrize("t", [EXP - 1, EXP, exp_of(date(2027, 10, 31))])
def test_no_time_zone_changes_a_decision(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, zone: str, t: int
) -> None:
    at = effective_time(wall=t, floor=0)
    usual = decide(issuer.terms(), at=at)

    monkeypatch.setitem(os.environ, "TZ", zone)
    time.tzset()
    try:
        assert decide(issuer.terms(), at=at) == usual
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "getter", ["localtime", ".now(", "fromtimestamp", "utcnow", "today(", "time.time"]
)
def test_no_module_reads_a_clock_or_a_local_time(getter: str) -> None:
    for path in Path(offline_license.__file__).parent.glob("*.py"):
        assert getter not in path.read_text(encoding="utf-8"), path.name
