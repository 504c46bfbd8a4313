"""The budget never goes above its limit and always comes back to zero."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.api.errors import BusyError
from appliance.api.memory import MemoryBudget


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 150)), max_size=30))
def test_the_budget_is_never_exceeded(steps: list[tuple[int, int]]) -> None:
    budget = MemoryBudget(300)
    holdings = [budget.open() for _ in range(5)]

    for at, size in steps:
        with contextlib.suppress(BusyError):
            holdings[at].reserve(size)
        assert budget.used_bytes <= 300
    for holding in holdings:
        holding.release()
        holding.release()

    assert budget.used_bytes == 0


def test_a_holding_covers_its_largest_reservation() -> None:
    budget = MemoryBudget(100)
    holding = budget.open()

    holding.reserve(60)
    holding.reserve(40)
    assert budget.used_bytes == 60

    holding.shrink(10)
    assert budget.used_bytes == 10


def test_a_refused_reservation_counts_nothing() -> None:
    budget = MemoryBudget(100)
    holding = budget.open()

    with pytest.raises(BusyError) as caught:
        holding.reserve(101)

    assert caught.value.retry_after_s
    assert budget.used_bytes == 0
