"""Whole lives of appliances (cases 23 to 26); the benchmark runs thousands."""

from __future__ import annotations

import pytest

from offline_license.tolerances import HOUR_S
from tests.support.license_histories import (
    HighWaterMark,
    Ours,
    Wall,
    cheating,
    honest,
)

BUDGET_S = 48 * HOUR_S
ALLOWANCES_S = (72 + 72) * HOUR_S


@pytest.mark.parametrize("seed", range(20))
def test_an_honest_site_inside_the_budget_is_never_refused(seed: int) -> None:
    assert honest(seed, Ours(), budget_s=BUDGET_S) == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_cheat_gains_no_more_than_its_downtime_and_the_allowances(
    seed: int,
) -> None:
    cheat = cheating(seed)

    assert cheat.extra_s <= cheat.off_s + ALLOWANCES_S


@pytest.mark.parametrize("design", [Wall, HighWaterMark])
def test_other_designs_refuse_the_same_honest_sites(
    design: type[Wall | HighWaterMark],
) -> None:
    refused = [honest(seed, design(), budget_s=BUDGET_S) for seed in range(5)]

    assert all(refused)
