"""Rehearsals by the looks of production."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offline_license.clock import Clock, Reading
from offline_license.fingerprint import Binding, Enrolled, Group
from offline_license.look import Known, Remembered, look
from offline_license.simulate import Outcome, Scenario, simulate
from offline_license.states import Flag, Permit, State
from offline_license.tolerances import DAY_S, HOUR_S, TOLERANCES
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

NOW = Reading(EXP - DAY_S, 1_000, "boot 1")
Y2099 = 4_070_908_800
FRESH = Remembered(Clock(0))


def site(issuer: Issuer, **changes: object) -> Known:
    """Return a site whose license is bound to its host."""
    bound = issuer.license(enrolled=Enrolled(issuer.host()), **changes)
    return Known((bound,), seen=issuer.host())


def rehearse(issuer: Issuer, scenario: Scenario) -> Outcome:
    return simulate(site(issuer), FRESH, NOW, scenario)


def test_an_end_is_told_state_by_state(issuer: Issuer) -> None:
    found = rehearse(issuer, Scenario(TERM + 5 * DAY_S))

    assert [(moment.at, moment.state) for moment in found.timeline] == [
        (NOW.wall_s, State.EXPIRING),
        (EXP, State.GRACE),
        (TERM, State.RESTRICTED),
    ]
    assert found.banner == found.timeline[-1].banner
    assert "One task at a time" in found.banner
    assert found.service[0].words == "one at a time (ANX-LIC-33)"


def test_it_is_what_production_decides(issuer: Issuer) -> None:
    """The same looks by hand give the same last look."""
    known, looked = site(issuer), look(site(issuer), FRESH, NOW)
    for hour in range(1, 49):
        reading = Reading(NOW.wall_s + hour * HOUR_S, 1_000 + hour * HOUR_S, "boot 1")
        looked = look(known, looked.remembered, reading)

    found = rehearse(issuer, Scenario(NOW.wall_s + 48 * HOUR_S))

    assert found.look == looked


def test_the_present_is_a_rehearsal_of_no_time(issuer: Issuer) -> None:
    found = rehearse(issuer, Scenario(NOW.wall_s))

    assert len(found.timeline) == 1
    assert found.look.decision.state is State.EXPIRING


def test_a_clock_of_1970_at_the_date_changes_nothing(issuer: Issuer) -> None:
    before = Remembered(Clock(NOW.wall_s))
    scenario = Scenario(EXP - HOUR_S, wall_s=0)

    found = simulate(site(issuer), before, NOW, scenario)

    assert found.look.decision.state is State.EXPIRING
    assert found.look.decision.flags == {Flag.CLOCK_BEHIND, Flag.CLOCK_JUMP}


@pytest.mark.parametrize(
    ("hours", "state"), [(0, State.EXPIRING), (23, State.EXPIRING), (25, State.GRACE)]
)
def test_a_clock_of_2099_is_held_back_for_a_day(
    issuer: Issuer, hours: int, state: State
) -> None:
    start = Reading(IAT, 1_000, "boot 1")
    scenario = Scenario(IAT + 30 * HOUR_S, wall_s=Y2099, wall_for_s=hours * HOUR_S)

    found = simulate(site(issuer), FRESH, start, scenario)

    assert found.look.decision.state is state


def test_swapped_parts_are_compared_as_at_a_site(issuer: Issuer) -> None:
    cards = frozenset({Group.NIC_SET, Group.GPU_SET})
    board = frozenset({Group.PRODUCT_UUID, Group.BOARD_SERIAL, Group.MACHINE_ID})

    drift = rehearse(issuer, Scenario(NOW.wall_s + HOUR_S, swaps=cards))
    mismatch = rehearse(issuer, Scenario(NOW.wall_s + 15 * DAY_S, swaps=board))

    assert drift.look.match.changed == (Group.NIC_SET, Group.GPU_SET)
    assert drift.look.decision.service.batch is Permit.LICENSED
    assert mismatch.look.match.binding is Binding.MISMATCH
    assert mismatch.look.decision.state is State.RESTRICTED


def test_a_host_that_cannot_be_read_cannot_be_swapped(issuer: Issuer) -> None:
    known = Known(site(issuer).licenses)
    scenario = Scenario(NOW.wall_s, swaps=frozenset(Group))

    found = simulate(known, FRESH, NOW, scenario)

    assert found.look.match.binding is Binding.UNREADABLE


def test_a_year_on_the_shelf_ends_in_grace_first(issuer: Issuer) -> None:
    scenario = Scenario(TERM + 300 * DAY_S, off_s=320 * DAY_S)

    found = rehearse(issuer, scenario)

    assert found.look.decision.service.batch is Permit.LICENSED
    assert found.look.remembered.clock.last == Reading(
        scenario.at, 0, "the boot after the shelf"
    )


def test_a_clock_that_is_wrong_now_stays_as_wrong(issuer: Issuer) -> None:
    before = Remembered(Clock(IAT, run_s=DAY_S))
    dead = Reading(0, 1_000, "boot 1")

    found = simulate(site(issuer), before, dead, Scenario(IAT + DAY_S + HOUR_S))

    assert found.look.time.wall_s == HOUR_S
    assert found.look.decision.flags == {Flag.CLOCK_BEHIND}


def test_a_site_without_a_license_can_rehearse() -> None:
    found = simulate(Known(), FRESH, NOW, Scenario(NOW.wall_s + DAY_S))

    assert found.look.decision.state is State.UNLICENSED
    assert "Make a request" in found.banner


@pytest.mark.parametrize("offset_s", [-1, TOLERANCES.simulated_s + 1])
def test_another_time_is_wrong_use(issuer: Issuer, offset_s: int) -> None:
    with pytest.raises(ValueError, match="1830 days"):
        rehearse(issuer, Scenario(NOW.wall_s + offset_s))
