"""Whole lives of appliances (cases 23 to 26); the benchmark runs thousands."""

from __future__ import annotations

import random

import pytest

from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.license_histories import (
    CODES,
    Site,
    cheating,
    live,
    returned,
    uncorrected,
)

BUDGET_S = 48 * HOUR_S
ALLOWANCES_S = (72 + 72) * HOUR_S
OURS = 0


@pytest.mark.parametrize("seed", range(6))
def test_an_honest_site_inside_the_budget_is_never_refused(seed: int) -> None:
    """Other designs refuse the same sites, mostly for weeks."""
    life = live(seed, budget_s=BUDGET_S)

    assert life.faults > 0
    assert life.refused_h[OURS] == 0
    assert min(life.refused_h[1:]) > 0


def test_the_sites_have_all_that_goes_wrong() -> None:
    sites = [Site.draw(random.Random(seed)) for seed in range(6)]

    for trouble in ("dead_battery", "drift_s", "snapshot_h", "shelf"):
        assert any(getattr(site, trouble) for site in sites), trouble


@pytest.mark.parametrize("seed", range(8))
def test_a_cheat_gains_no_more_than_its_downtime_and_the_allowances(
    seed: int,
) -> None:
    cheat = cheating(seed)

    assert cheat.extra_s[OURS] <= cheat.off_s + ALLOWANCES_S


@pytest.mark.parametrize("seed", range(8))
def test_codes_under_a_lying_clock_give_their_days_and_no_more(seed: int) -> None:
    cheat = cheating(seed, days=60, codes=CODES.count)

    granted_s = CODES.count * CODES.days * DAY_S
    assert cheat.extra_s[OURS] <= granted_s + cheat.off_s + ALLOWANCES_S


def test_toggling_the_clock_for_a_year_gains_no_more_than_in_a_month() -> None:
    """Every 23 hours between two dates before the end; with downtime."""
    cheat = cheating(5, days=365)

    assert cheat.extra_s[OURS] <= cheat.off_s + ALLOWANCES_S


@pytest.mark.parametrize("seed", range(4))
def test_a_box_from_the_shelf_gets_three_days_to_be_renewed(seed: int) -> None:
    served = returned(seed)

    assert 72 <= served[OURS] <= 73
    assert served[1:] == (0, 0)


def test_a_wrong_clock_may_stay_wrong_for_three_days() -> None:
    served = uncorrected()

    assert served[OURS] >= 71
    assert served[1:] == (0, 0)
