"""Effective time and the tick."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.clock import Clock, Reading, effective_time, tick
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import IAT

START = Clock(IAT, last=Reading(IAT, 1_000, "boot 1"))


def later(seconds: int, *, wall: int | None = None, boot: str = "boot 1") -> Reading:
    """Return a reading some run seconds later, the wall clock along or set."""
    boot_s = 1_000 + seconds if boot == "boot 1" else seconds
    return Reading(IAT + seconds if wall is None else wall, boot_s, boot)


def test_effective_time_is_the_later_of_wall_and_proof() -> None:
    behind = effective_time(wall=0, floor=IAT, run_s=60)

    assert (behind.at, behind.behind_s) == (IAT + 60, IAT + 60)
    assert effective_time(wall=IAT + 9, floor=IAT).at == IAT + 9
    assert effective_time(wall=IAT + 9, floor=IAT).behind_s == 0


def test_the_first_tick_adds_no_run_time() -> None:
    """The uptime before the first look was not under the floor."""
    ticked = tick(Clock(IAT), Reading(IAT, 100 * DAY_S, "boot 1"))

    assert (ticked.elapsed_s, ticked.clock.run_s, ticked.jumped) == (0, 0, False)


def test_run_time_is_counted_inside_a_boot() -> None:
    ticked = tick(START, later(60))

    assert (ticked.elapsed_s, ticked.clock.proved_s) == (60, IAT + 60)


def test_after_a_boot_the_time_since_it_counts() -> None:
    ticked = tick(START, later(30, wall=IAT + 7_000, boot="boot 2"))

    assert ticked.elapsed_s == 30


def test_run_time_that_went_back_counts_as_none() -> None:
    assert tick(START, Reading(IAT, 5, "boot 1")).elapsed_s == 0


@pytest.mark.parametrize(
    ("wall", "boot", "jumped"),
    [
        (IAT + 60 + HOUR_S, "boot 1", False),
        (IAT + 60 + HOUR_S + 1, "boot 1", True),
        (IAT + 60 - HOUR_S, "boot 1", False),
        (IAT + 60 - HOUR_S - 1, "boot 1", True),
        (IAT + 60 + 48 * HOUR_S, "boot 2", False),
        (IAT + 60 + 48 * HOUR_S + 1, "boot 2", True),
        (0, "boot 2", True),
    ],
)
def test_a_jump_is_more_than_an_hour_in_a_boot_and_two_days_across(
    wall: int, boot: str, *, jumped: bool
) -> None:
    ticked = tick(START, later(60, wall=wall, boot=boot))

    assert ticked.jumped is jumped
    assert (ticked.clock.stable_s == 0) is jumped


@pytest.mark.parametrize("step", [59 * 60, -59 * 60, 1])
def test_a_time_server_may_step_and_smear(step: int) -> None:
    assert not tick(START, later(60, wall=IAT + 60 + step)).jumped


def test_suspend_counts_as_run_time_and_is_no_jump() -> None:
    """CLOCK_BOOTTIME goes on while the machine sleeps."""
    ticked = tick(START, later(3 * DAY_S))

    assert not ticked.jumped
    assert ticked.clock.run_s == 3 * DAY_S


def test_a_paused_vm_is_a_jump_and_proves_nothing() -> None:
    ticked = tick(START, later(0, wall=IAT + DAY_S))

    assert ticked.jumped
    assert ticked.clock.proved_s == IAT


def test_a_newer_genuine_object_raises_the_floor() -> None:
    clock = replace(START, run_s=100).raise_floor(IAT + 500)

    assert (clock.floor_s, clock.run_s) == (IAT + 500, 0)


@pytest.mark.parametrize("iat", [0, IAT, IAT + 100])
def test_an_older_object_changes_nothing(iat: int) -> None:
    clock = replace(START, run_s=100)

    assert clock.raise_floor(iat) == clock


@given(
    st.lists(
        st.tuples(st.integers(0, 10 * DAY_S), st.integers(0, 2**33), st.booleans())
    )
)
def test_proved_time_never_goes_back(steps: list[tuple[int, int, bool]]) -> None:
    clock, boot_s, boot = START, 1_000, 1
    for elapsed, wall, reboots in steps:
        boot += reboots
        boot_s = elapsed if reboots else boot_s + elapsed
        after = tick(clock, Reading(wall, boot_s, f"boot {boot}")).clock
        assert after.proved_s == clock.proved_s + elapsed
        clock = after
