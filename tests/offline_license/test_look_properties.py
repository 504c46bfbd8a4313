"""What holds after any course of events: run, reboot, wrong clock, shelf, renewal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.clock import Clock, Reading
from offline_license.look import Known, Look, Remembered, look
from offline_license.revocation import Revocation, Revocations
from offline_license.states import Flag, Permit, State
from offline_license.tolerances import DAY_S, HOUR_S, TOLERANCES
from tests.support.licensing import EXP, IAT, TERM, Issuer

ISSUER = Issuer()
FIRST = ISSUER.license()
LATER = ISSUER.license(
    seq=2, nbf=EXP - 30 * DAY_S, exp=EXP + 365 * DAY_S, term=EXP + 395 * DAY_S
)
LONGER = ISSUER.license(
    seq=9, nbf=IAT, exp=IAT + 5 * 365 * DAY_S, term=IAT + 6 * 365 * DAY_S
)
SERVED = frozenset({State.VALID, State.EXPIRING, State.GRACE})

Event: TypeAlias = "tuple[str, int]"
EVENTS = st.lists(
    st.tuples(st.just("run"), st.integers(0, 30 * DAY_S))
    | st.tuples(st.just("off"), st.integers(0, 400 * DAY_S))
    | st.tuples(st.just("clock"), st.integers(-60 * 365 * DAY_S, 80 * 365 * DAY_S))
    | st.tuples(st.just("clock"), st.just(0)),
    min_size=1,
    max_size=30,
)


@dataclass
class Host:
    """A machine with its truth, and what licensing remembers on it."""

    known: Known = field(default_factory=lambda: Known((FIRST,)))
    remembered: Remembered = field(default_factory=lambda: Remembered(Clock(IAT)))
    true_s: int = IAT
    offset_s: int = 0
    boot: int = 1
    boot_s: int = 100

    def look(self) -> Look:
        wall_s = max(0, self.true_s + self.offset_s)
        reading = Reading(wall_s, self.boot_s, str(self.boot))
        found = look(self.known, self.remembered, reading)
        self.remembered = found.remembered
        return found

    def live(self, event: Event) -> Look:
        kind, amount = event
        if kind == "clock":
            self.offset_s = amount
        else:
            self.true_s += amount
        if kind == "run":
            self.boot_s += amount
        if kind == "off":
            self.boot, self.boot_s = self.boot + 1, 0
        return self.look()


@given(EVENTS)
def test_proved_time_only_grows_and_is_never_ahead_of_the_truth(
    events: list[Event],
) -> None:
    host = Host()
    before = host.look().time.proved_s
    for event in events:
        time = host.live(event).time
        assert before <= time.proved_s <= host.true_s
        assert time.at >= time.proved_s
        before = time.proved_s


@given(EVENTS)
def test_whatever_a_clock_did_the_next_look_with_a_right_one_is_right(
    events: list[Event],
) -> None:
    """No latch: nothing that was shown before takes anything away."""
    host = Host()
    for event in events:
        host.live(event)

    found = host.live(("clock", 0))

    if host.true_s < EXP:
        assert found.decision.state in {State.VALID, State.EXPIRING}
    if host.true_s < TERM:
        assert found.decision.state in SERVED
        assert found.decision.service.batch is Permit.LICENSED


@given(EVENTS)
def test_a_renewal_serves_at_once_after_any_course_of_events(
    events: list[Event],
) -> None:
    host = Host()
    for event in events:
        host.live(event)

    host.known = Known((FIRST, LONGER))
    host.offset_s = 0
    found = host.look()

    if host.true_s < LONGER.license.exp - 90 * DAY_S:
        assert found.active == LONGER
        assert found.decision.state is State.VALID


@given(EVENTS)
def test_a_downgrade_is_held_back_for_a_bounded_time(events: list[Event]) -> None:
    host = Host()
    host.look()
    for event in events:
        found = host.live(event)
        standing = found.decision.standing
        assert standing is not None
        assert standing.credit_s - found.elapsed_s < TOLERANCES.credit_s


@given(EVENTS, st.integers(IAT + 14 * DAY_S, EXP))
def test_nothing_but_a_revocation_in_force_revokes(
    events: list[Event], effective_at: int
) -> None:
    entry = Revocation(FIRST.license.lid, 1, effective_at, 0, IAT)
    host = Host(known=Known((FIRST,), revocations=Revocations(1, IAT, (entry,))))
    for event in events:
        found = host.live(event)
        if found.time.at < effective_at:
            assert found.decision.state is not State.REVOKED


@given(EVENTS)
def test_a_clock_that_is_right_all_the_time_is_never_reported(
    events: list[Event],
) -> None:
    host = Host()
    for event in events:
        if event[0] == "run":
            found = host.live(event)
            assert not found.decision.flags & {Flag.CLOCK_BEHIND, Flag.CLOCK_JUMP}


@pytest.mark.parametrize("hours", [1, 24, 1_000])
def test_looking_often_or_seldom_comes_to_the_same(hours: int) -> None:
    """One look an hour, or one after all of them: the same proved time."""
    often, seldom = Host(), Host()
    often.look()
    seldom.look()

    for _ in range(hours):
        often.live(("run", HOUR_S))
    seldom.live(("run", hours * HOUR_S))

    assert often.look().time == seldom.look().time


@pytest.mark.parametrize("jump_s", [EXP - IAT, 72 * 365 * DAY_S])
def test_a_wrong_clock_does_not_begin_the_renewal_for_later(jump_s: int) -> None:
    """For a day the license in force is held, and then what the clock says counts."""
    host = Host(known=Known((FIRST, LATER)))
    host.live(("run", DAY_S))
    host.live(("clock", jump_s))

    states = [host.live(("run", HOUR_S)) for _ in range(22)]

    assert {found.active for found in states} == {FIRST}
    assert {found.decision.state for found in states} == {State.EXPIRING}
    assert host.live(("run", 3 * HOUR_S)).active == LATER
    assert host.live(("clock", 0)).active == FIRST


def test_a_renewal_for_later_begins_on_its_day() -> None:
    host = Host(known=Known((FIRST, LATER)))

    host.live(("run", EXP - 31 * DAY_S - IAT))
    assert host.look().active == FIRST
    assert host.live(("run", DAY_S)).active == LATER


def test_a_box_from_the_shelf_takes_the_renewal_that_waited() -> None:
    """The clock jumped as far as the box was off; nothing is lost meanwhile."""
    host = Host(known=Known((FIRST, LATER)))
    host.look()
    states = [host.live(("off", EXP - IAT))]

    states += [host.live(("run", HOUR_S)) for _ in range(30)]

    assert {found.decision.service.batch for found in states} == {Permit.LICENSED}
    assert states[-1].active == LATER
    assert states[-1].decision.state is State.VALID


@given(EVENTS)
def test_a_right_clock_shows_what_the_truth_is_with_a_renewal_waiting(
    events: list[Event],
) -> None:
    host = Host(known=Known((FIRST, LATER)))
    for event in events:
        host.live(event)

    found = host.live(("clock", 0))

    if host.true_s < LATER.license.exp:
        assert found.decision.state in {State.VALID, State.EXPIRING}
    if host.true_s < LATER.license.term:
        assert found.decision.service.batch is Permit.LICENSED
