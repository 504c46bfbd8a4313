"""An expiry drill shows grace and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from offline_license.clock import Reading, effective_time
from offline_license.decide import Decision, decide
from offline_license.drill import Drill, overlay
from offline_license.states import Flag, State
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

NOW = Reading(IAT, 5_000, "boot 1")
DRILL = Drill.begin(NOW, 10)


def decision_at(issuer: Issuer, t: int) -> Decision:
    return decide(issuer.terms(), at=effective_time(wall=t, floor=0))


@pytest.mark.parametrize("t", [IAT, EXP - DAY_S])
def test_a_drill_shows_grace_with_its_date(issuer: Issuer, t: int) -> None:
    shown = overlay(decision_at(issuer, t), DRILL, NOW)

    assert (shown.state, shown.until) == (State.GRACE, TERM)
    assert shown.flags == {Flag.DRILL}


def test_a_drill_changes_neither_service_nor_memory(issuer: Issuer) -> None:
    decision = decision_at(issuer, IAT)

    shown = overlay(decision, DRILL, NOW)

    assert shown.service == decision.service
    assert shown.standing == decision.standing


@pytest.mark.parametrize("t", [IAT - 1, EXP])
def test_what_is_worse_or_not_begun_is_shown_as_it_is(issuer: Issuer, t: int) -> None:
    decision = decision_at(issuer, t)

    assert overlay(decision, DRILL, NOW) == decision


def test_it_ends_by_run_time_whatever_the_clock_says(issuer: Issuer) -> None:
    decision, last = decision_at(issuer, IAT), replace(NOW, wall_s=0, boot_s=5_599)

    assert overlay(decision, DRILL, last).state is State.GRACE
    assert overlay(decision, DRILL, replace(last, boot_s=5_600)) == decision


def test_it_ends_with_the_boot(issuer: Issuer) -> None:
    decision, next_boot = decision_at(issuer, IAT), Reading(IAT, 1, "boot 2")

    assert overlay(decision, DRILL, next_boot) == decision


def test_no_minutes_end_a_drill(issuer: Issuer) -> None:
    decision = decision_at(issuer, IAT)

    assert Drill.begin(NOW, 0) is None
    assert overlay(decision, None, NOW) == decision


@pytest.mark.parametrize("minutes", [-1, 61])
def test_another_length_is_wrong_use(minutes: int) -> None:
    with pytest.raises(ValueError, match="60 minutes"):
        Drill.begin(NOW, minutes)
