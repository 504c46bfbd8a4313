"""Shares of a limit: by demand, and never more than the limit in all."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.leases.demand import Demand
from appliance.license_proxy.shares import Claim, share


def shares(cap: int, *demands: tuple[int, int]) -> list[int]:
    """Return what holders would get who all hold what they use."""
    claims = [Claim(Demand(*one), bound=one[0]) for one in demands]
    return [share(cap, claims, at) for at in range(len(claims))]


@pytest.mark.parametrize(
    ("cap", "demands", "parts"),
    [
        (8, [(0, 0)], [8]),
        (8, [(0, 0), (0, 0)], [4, 4]),
        (7, [(0, 0), (0, 0)], [4, 3]),
        (8, [(6, 6), (0, 0)], [7, 1]),
        (8, [(0, 2), (0, 9)], [2, 6]),
        (8, [(0, 9), (0, 9)], [4, 4]),
        (1, [(0, 0), (0, 0)], [1, 0]),
        (1, [(0, 0), (0, 1)], [0, 1]),
        (1, [(0, 1), (1, 1)], [0, 1]),
        (0, [(0, 5)], [0]),
    ],
)
def test_a_limit_follows_demand_and_what_is_left_is_spread(
    cap: int, demands: list[tuple[int, int]], parts: list[int]
) -> None:
    assert shares(cap, *demands) == parts


def test_what_others_may_still_use_is_not_given_twice() -> None:
    busy = Claim(Demand(1, 1), given=4, bound=8)

    assert share(8, [busy, Claim(Demand(0, 4))], 1) == 0


def test_a_confirmed_lease_frees_what_the_one_before_gave() -> None:
    claim = Claim().give(8).hear(Demand(1, 1), confirmed=True).give(3)

    assert claim.bound == 8
    assert claim.hear(Demand(1, 1), confirmed=False).bound == 8
    assert claim.hear(Demand(1, 1), confirmed=True).bound == 3


def test_what_runs_is_counted_even_above_the_lease() -> None:
    claim = Claim().give(2).hear(Demand(5, 5), confirmed=True)

    assert claim.bound == 5


def test_a_holder_that_says_no_demand_keeps_what_it_has() -> None:
    claim = Claim().give(3).hear(None, confirmed=True)

    assert (claim.demand, claim.bound) == (Demand(0, 3), 3)


@dataclass
class Holder:
    """A replica that begins what its lease permits, and never stops to want more."""

    lease: int = 0
    used: int = 0
    heard: bool = True


@given(
    cap=st.integers(0, 9),
    count=st.integers(1, 4),
    steps=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["ask", "ask and lose the answer", "begin", "end"]),
            st.integers(0, 9),
        ),
        max_size=60,
    ),
)
def test_whatever_happens_all_together_never_use_more_than_the_limit(
    cap: int, count: int, steps: list[tuple[int, str, int]]
) -> None:
    """Answers get lost, demand comes and goes; leases are used to the full."""
    holders = [Holder() for _ in range(count)]
    claims = [Claim() for _ in holders]
    for who, what, number in steps:
        at = who % count
        holder = holders[at]
        if what == "begin":
            holder.used += holder.used < holder.lease
        elif what == "end":
            holder.used -= holder.used > 0
        else:
            demand = Demand(holder.used, holder.used + number)
            claims[at] = claims[at].hear(demand, confirmed=holder.heard)
            given_ = share(cap, claims, at)
            claims[at] = claims[at].give(given_)
            holder.heard = what == "ask"
            holder.lease = given_ if holder.heard else holder.lease
        assert sum(one.used for one in holders) <= cap
        assert sum(max(one.used, one.lease) for one in holders) <= cap
