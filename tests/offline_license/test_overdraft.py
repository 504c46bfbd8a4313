"""Soft limits: an overdraft for a day, then the limit itself (case 56)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.overdraft import Overdraft, cap, hard_cap
from offline_license.tolerances import HOUR_S

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY = 24


def after(hours: Iterable[int], limit: int | None = 4) -> Overdraft:
    """Return the overdraft after hours with this many sessions each."""
    overdraft = Overdraft()
    for used in hours:
        overdraft = overdraft.advance(HOUR_S, used=used, limit=limit)
    return overdraft


@pytest.mark.parametrize(
    ("limit", "percent", "most"),
    [
        (4, None, 5),
        (4, 25, 5),
        (7, 25, 8),
        (1, 25, 1),
        (4, 0, 4),
        (4, 100, 8),
        (0, 25, 0),
    ],
)
def test_the_hard_cap_is_the_limit_and_its_overdraft_rounded_down(
    limit: int, percent: int | None, most: int
) -> None:
    assert hard_cap(limit, percent) == most


def test_the_overdraft_lasts_for_a_day_and_then_the_limit_is_the_cap() -> None:
    assert cap(4, 25, after([5] * (DAY - 1))) == 5
    assert cap(4, 25, after([5] * DAY)) == 4


def test_no_limit_is_never_exceeded() -> None:
    assert cap(None, 25, after([99] * DAY, limit=None)) is None
    assert not after([99] * DAY, limit=None).touched


def test_use_of_the_whole_limit_touches_nothing() -> None:
    assert after([4] * 100) == Overdraft()


def test_it_is_shown_from_the_first_look_above_the_limit_with_the_peak() -> None:
    overdraft = after([5, 6, 5])

    assert overdraft.touched
    assert overdraft.peak == 6


def test_hours_above_the_limit_add_up_over_breaks() -> None:
    assert after([5, 3] * (DAY - 1)).spent_s == (DAY - 1) * HOUR_S
    assert after([5, 3] * DAY).exhausted


def test_a_day_within_the_limit_restores_it() -> None:
    used_up = [5] * DAY

    assert after([*used_up, *[4] * (DAY - 1)]).exhausted
    assert after([*used_up, *[4] * DAY]) == Overdraft()


def test_one_look_above_the_limit_starts_the_day_of_recovery_anew() -> None:
    overdraft = after([5, *[4] * 23, 5, *[4] * 23])

    assert overdraft.touched
    assert overdraft.spent_s == 2 * HOUR_S


@given(st.lists(st.integers(0, 9), max_size=200))
def test_no_history_gets_more_than_a_day_above_the_limit_without_a_day_within(
    hours: list[int],
) -> None:
    """A service that obeys the cap is above the limit for 24 h between recoveries."""
    overdraft, above = Overdraft(), 0
    for want in hours:
        permitted = cap(4, 25, overdraft)
        assert permitted is not None
        used = min(want, permitted)
        overdraft = overdraft.advance(HOUR_S, used=used, limit=4)
        above = above + (used > 4) if overdraft.touched else 0
        assert above <= DAY
