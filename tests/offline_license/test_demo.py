"""What works without a license: an hour of one live session a day."""

from __future__ import annotations

import pytest

from offline_license.demo import DemoAllowance
from offline_license.tolerances import DAY_S, HOUR_S


def test_a_new_day_has_an_hour() -> None:
    assert DemoAllowance().left_s == HOUR_S


def test_only_live_time_is_counted() -> None:
    allowance = DemoAllowance().advance(600, 1).advance(7_200, 0)

    assert allowance.left_s == HOUR_S - 600


def test_two_sessions_at_once_use_it_twice_as_fast() -> None:
    assert DemoAllowance().advance(600, 2).left_s == HOUR_S - 1_200


def test_more_than_the_hour_is_never_less_than_nothing() -> None:
    assert DemoAllowance().advance(2 * HOUR_S, 1).left_s == 0


@pytest.mark.parametrize(
    ("elapsed_s", "day_s"), [(DAY_S, 0), (DAY_S + 5, 5), (9 * DAY_S + 7, 7)]
)
def test_after_a_day_of_run_time_it_is_whole_again(elapsed_s: int, day_s: int) -> None:
    used = DemoAllowance(0, HOUR_S)

    assert used.advance(DAY_S - 1, 0).left_s == 0
    assert used.advance(elapsed_s, 0) == DemoAllowance(day_s, 0)
