"""Decisions over time: debounce, cold start, binding (cases 18 to 30, 44)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline_license.clock import Clock, Reading, effective_time, tick
from offline_license.decide import Decision, decide
from offline_license.fingerprint import Binding
from offline_license.model import License, Post
from offline_license.standing import Standing
from offline_license.states import Flag, Permit, State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, TERM, Issuer

if TYPE_CHECKING:
    from collections.abc import Iterator

Y2099 = 4_070_908_800


@dataclass
class Box:
    """A simulated appliance: it knows the true time and what its wall clock adds."""

    terms: License
    true_s: int = IAT
    error_s: int = 0
    binding: Binding = Binding.UNBOUND
    boot: int = 1
    boot_s: int = 1_000
    clock: Clock = field(default_factory=lambda: Clock(IAT))
    standing: Standing | None = None
    revoked_at: int | None = None

    def look(self, seconds: int = 0) -> Decision:
        """Let run time pass and decide."""
        self.true_s += seconds
        self.boot_s += seconds
        wall_s = max(0, self.true_s + self.error_s)
        ticked = tick(self.clock, Reading(wall_s, self.boot_s, f"boot {self.boot}"))
        self.clock = ticked.clock
        decision = decide(
            self.terms,
            at=effective_time(wall=wall_s, floor=self.clock.proved_s),
            elapsed_s=ticked.elapsed_s,
            stable_s=self.clock.stable_s,
            binding=self.binding,
            previous=self.standing,
            revoked_at=self.revoked_at,
        )
        self.standing = decision.standing
        return decision

    def run(self, hours: int) -> Iterator[Decision]:
        """Look once an hour."""
        for _ in range(hours):
            yield self.look(HOUR_S)

    def after(self, hours: int) -> Decision:
        """Look once an hour and return the last decision."""
        return list(self.run(hours))[-1]

    def power_off(self, seconds: int) -> None:
        """Be off for a while and boot."""
        self.true_s += seconds
        self.boot, self.boot_s = self.boot + 1, 0

    def set_wall(self, wall_s: int) -> None:
        """Set the wall clock."""
        self.error_s = wall_s - self.true_s


@pytest.fixture
def box(issuer: Issuer) -> Box:
    """An appliance that has just installed its license."""
    fresh = Box(issuer.terms())
    fresh.look()
    return fresh


@pytest.mark.parametrize(
    ("t", "state"),
    [
        (EXP - 1, State.EXPIRING),
        (EXP, State.GRACE),
        (EXP + 1, State.GRACE),
        (TERM - 1, State.GRACE),
        (TERM, State.RESTRICTED),
    ],
)
def test_the_dates_decide_when_the_clock_is_steady(
    issuer: Issuer, t: int, state: State
) -> None:
    warned = Standing(issuer.terms().lid, 1, State.VALID, banner_s=72 * HOUR_S)

    decision = decide(
        issuer.terms(), at=effective_time(wall=t, floor=IAT), previous=warned
    )

    assert decision.state is state


def test_without_a_license_nothing_but_a_demo_is_permitted() -> None:
    decision = decide(None, at=effective_time(wall=IAT, floor=IAT))

    assert decision.state is State.UNLICENSED
    assert decision.service.batch is Permit.NONE
    assert decision.standing is None


def test_a_clock_of_1970_does_not_refuse_a_fresh_license(issuer: Issuer) -> None:
    """A machine without a battery clock works at once, with a notice."""
    decision = decide(issuer.terms(), at=effective_time(wall=0, floor=IAT))

    assert decision.state is State.VALID
    assert decision.flags == {Flag.CLOCK_BEHIND}


@pytest.mark.parametrize(
    ("behind_s", "flags"), [(1, set()), (600, set()), (26 * 3600, {Flag.CLOCK_BEHIND})]
)
def test_a_clock_behind_the_issuer_is_no_matter(
    issuer: Issuer, behind_s: int, flags: set[Flag]
) -> None:
    decision = decide(issuer.terms(), at=effective_time(wall=IAT - behind_s, floor=IAT))

    assert decision.state is State.VALID
    assert decision.flags == flags


@pytest.mark.parametrize("hours", [1, 23])
def test_a_clock_of_2099_for_less_than_a_day_degrades_nothing(
    box: Box, hours: int
) -> None:
    box.after(100)
    box.set_wall(Y2099)
    for decision in box.run(hours):
        assert decision.state is State.EXPIRING
        assert decision.service.batch is Permit.LICENSED
        assert decision.held_back
        assert Flag.CLOCK_JUMP in decision.flags

    box.set_wall(box.true_s)

    assert box.look(10).state is State.VALID


def test_a_clock_of_2099_for_longer_degrades_and_heals_on_the_next_tick(
    box: Box,
) -> None:
    box.set_wall(Y2099)
    states = [decision.state for decision in box.run(26)]

    assert states[:24] == [State.EXPIRING] * 24
    assert states[25] is State.GRACE

    box.set_wall(box.true_s)
    assert box.look(1).state is State.VALID


def test_the_banner_clause_lets_2099_restrict_only_after_72_hours(box: Box) -> None:
    box.set_wall(Y2099)
    states = [decision.state for decision in box.run(75)]

    assert State.RESTRICTED not in states[:71]
    assert states[-1] is State.RESTRICTED

    box.set_wall(box.true_s)
    assert box.look(1).state is State.VALID


def test_two_glitches_back_to_back_count_as_one(box: Box) -> None:
    """The stated limit: more than a day of wrong clock in one go."""
    box.set_wall(Y2099)
    box.after(20)
    box.error_s += 3_000

    assert box.after(6).state is State.GRACE


def test_repeated_glitches_are_held_back_until_the_credit_is_gone(box: Box) -> None:
    for _ in range(4):
        box.set_wall(Y2099)
        box.after(20)
        box.set_wall(box.true_s)
        box.after(30)

    assert box.standing is not None
    assert box.standing.credit_s >= 72 * HOUR_S
    box.set_wall(Y2099)
    assert box.look(1).state is State.RESTRICTED


def test_what_run_time_proves_needs_no_waiting(issuer: Issuer) -> None:
    """A wall clock set back and forth cannot hold back what P alone proves."""
    standing = Standing(issuer.terms().lid, 1, State.VALID)

    decision = decide(
        issuer.terms(),
        at=effective_time(wall=Y2099, floor=EXP),
        elapsed_s=1,
        stable_s=0,
        previous=standing,
    )

    assert decision.state is State.GRACE


def test_rolling_back_after_the_end_gains_nothing_on_a_running_box(box: Box) -> None:
    box.true_s = EXP - HOUR_S
    box.clock = replace(box.clock, floor_s=EXP - HOUR_S, run_s=0, last=None)
    box.after(100)

    box.set_wall(IAT)

    assert box.look(1).state is State.GRACE
    assert box.after(800).state is State.RESTRICTED


def test_a_box_from_the_shelf_gets_72_hours_and_reboots_do_not_renew_them(
    box: Box,
) -> None:
    box.power_off(TERM + 200 * DAY_S - box.true_s)
    states = []
    for _ in range(12):
        states += [decision.state for decision in box.run(8)]
        box.power_off(60)

    # The run time between the last look and a power cut cannot be counted.
    assert State.RESTRICTED not in states[:72]
    assert states[-1] is State.RESTRICTED
    assert State.GRACE in states


@pytest.mark.parametrize("warn_days", [(), (30, 7)])
def test_the_banner_shows_while_a_downgrade_is_held_back(
    issuer: Issuer, warn_days: tuple[int, ...]
) -> None:
    box = Box(issuer.terms(warn_days=warn_days))
    box.look()
    box.set_wall(Y2099)

    decision = box.look(1)

    assert decision.state is (State.EXPIRING if warn_days else State.VALID)


def test_grace_is_kept_while_restriction_is_held_back(issuer: Issuer) -> None:
    in_grace = Standing(issuer.terms().lid, 1, State.GRACE, banner_s=80 * HOUR_S)

    decision = decide(
        issuer.terms(),
        at=effective_time(wall=Y2099, floor=EXP),
        elapsed_s=5,
        stable_s=0,
        previous=in_grace,
    )

    assert decision.state is State.GRACE
    assert decision.standing is not None
    assert decision.standing.credit_s == 5


def test_a_renewal_takes_effect_at_once(box: Box) -> None:
    box.true_s = TERM + DAY_S
    box.after(200)
    assert box.look().state is State.RESTRICTED

    exp = box.true_s + 365 * DAY_S
    box.terms = replace(box.terms, seq=2, iat=box.true_s, exp=exp, term=exp)

    assert box.look().state is State.VALID


def test_a_license_for_later_is_pending(issuer: Issuer) -> None:
    terms = issuer.terms(nbf=IAT + DAY_S)

    decision = decide(terms, at=effective_time(wall=IAT, floor=IAT))

    assert (decision.state, decision.until) == (State.PENDING, IAT + DAY_S)
    assert decision.service.batch is Permit.NONE


def test_what_began_does_not_become_pending_again(issuer: Issuer) -> None:
    """A clock that falls behind nbf must not stop a site."""
    box = Box(issuer.terms(nbf=IAT + 10 * DAY_S))
    box.true_s = IAT + 11 * DAY_S
    assert box.look().state is State.VALID

    box.set_wall(0)

    assert box.look(1).state is State.VALID


def test_a_pending_license_begins_on_its_day(issuer: Issuer) -> None:
    box = Box(issuer.terms(nbf=IAT + DAY_S))
    box.look()

    assert box.after(23).state is State.PENDING
    assert box.after(1).state is State.VALID


def test_an_unrecognized_host_works_for_14_days_and_then_trickles(box: Box) -> None:
    box.binding = Binding.MISMATCH
    for decision in box.run(14 * 24 - 1):
        assert decision.state is State.VALID
        assert Flag.BIND_MISMATCH in decision.flags

    decision = box.after(1)

    assert decision.state is State.RESTRICTED
    assert decision.service.batch is Permit.ONE


def test_a_stop_in_the_terms_is_still_a_trickle_for_an_unrecognized_host(
    box: Box,
) -> None:
    box.terms = replace(box.terms, post=Post.STOP)
    box.binding = Binding.MISMATCH

    assert box.after(14 * 24 + 1).service.batch is Permit.ONE


def test_a_host_recognized_again_is_served_again(box: Box) -> None:
    box.binding = Binding.MISMATCH
    box.after(15 * 24)

    box.binding = Binding.DRIFT
    decision = box.look(1)

    assert decision.state is State.VALID
    assert decision.flags == {Flag.BIND_DRIFT}


def test_the_rebind_grace_is_given_once_per_sequence(box: Box) -> None:
    box.binding = Binding.MISMATCH
    box.after(13 * 24)
    box.binding = Binding.MATCH
    box.after(24)

    box.binding = Binding.MISMATCH

    assert box.after(25).state is State.RESTRICTED


@pytest.mark.parametrize("state", [State.VALID, State.EXPIRING, State.GRACE])
def test_until_names_the_next_date(issuer: Issuer, state: State) -> None:
    t = {State.VALID: IAT, State.EXPIRING: EXP - 1, State.GRACE: EXP}[state]
    due = {State.VALID: EXP - 90 * DAY_S, State.EXPIRING: EXP, State.GRACE: TERM}

    decision = decide(issuer.terms(), at=effective_time(wall=t, floor=IAT))

    assert (decision.state, decision.until) == (state, due[state])


def test_a_withdrawn_key_ends_a_license_after_its_thirty_days(issuer: Issuer) -> None:
    verified = replace(issuer.license(), dies_at=IAT + 30 * DAY_S)

    before = decide(verified, at=effective_time(wall=IAT + 29 * DAY_S, floor=IAT))
    after = decide(verified, at=effective_time(wall=IAT + 30 * DAY_S, floor=IAT))

    assert before.state is State.EXPIRING
    assert after.state is State.GRACE


def test_a_genuine_license_without_a_cut_keeps_its_dates(issuer: Issuer) -> None:
    decision = decide(issuer.license(), at=effective_time(wall=EXP - 1, floor=IAT))

    assert decision.until == EXP


def test_time_while_the_program_was_stopped_counts_as_unseen(box: Box) -> None:
    box.binding = Binding.MISMATCH
    box.look(1)

    assert box.look(30 * DAY_S).state is State.VALID


@given(
    st.lists(
        st.tuples(
            st.integers(1, 23),
            st.sampled_from([-50 * 365, -400, -2, 5, 400, 70 * 365]),
        ),
        max_size=3,
    )
)
def test_faults_inside_the_debounce_budget_never_degrade(
    glitches: list[tuple[int, int]],
) -> None:
    """Three wrong clocks of less than a day each, a steady day between them."""
    box = Box(Issuer().terms())
    box.look()
    for hours, days in glitches:
        box.error_s = days * DAY_S
        for decision in box.run(hours):
            assert decision.service.batch is Permit.LICENSED
        box.error_s = 0
        for decision in box.run(25):
            assert decision.service.batch is Permit.LICENSED


@settings(max_examples=25)
@given(st.lists(st.integers(0, 2**33), min_size=20, max_size=60))
def test_a_cheating_clock_gains_at_most_the_two_allowances(walls: list[int]) -> None:
    """Always on and lying every hour: 72 h of debounce and 72 h of cold start."""
    box = Box(Issuer().terms())
    box.true_s = TERM - 5 * DAY_S
    box.clock = Clock(TERM - 5 * DAY_S)
    box.look()
    for hour in range(5 * 24 + 150):
        box.set_wall(walls[hour % len(walls)])
        box.look(HOUR_S)

    assert box.look().state is State.RESTRICTED


def test_a_license_revoked_in_14_days_serves_until_then(box: Box) -> None:
    box.revoked_at = IAT + 14 * DAY_S
    for decision in box.run(14 * 24 - 1):
        assert decision.state is State.VALID
        assert decision.until == box.revoked_at

    decision = box.after(1)

    assert (decision.state, decision.until) == (State.REVOKED, None)
    assert decision.service.batch is Permit.NONE


def test_a_wrong_clock_revokes_nothing_for_a_day(box: Box) -> None:
    box.revoked_at = IAT + 14 * DAY_S
    box.set_wall(Y2099)
    for decision in box.run(23):
        assert decision.service.batch is Permit.LICENSED
        assert decision.held_back

    assert box.after(3).state is State.REVOKED
    box.set_wall(box.true_s)
    assert box.look(1).state is State.VALID


def test_a_renewal_lifts_a_revocation_at_once(box: Box) -> None:
    box.revoked_at = IAT
    assert box.look(1).state is State.REVOKED

    box.terms, box.revoked_at = replace(box.terms, seq=2), None

    assert box.look(1).state is State.VALID


def test_an_emergency_code_never_lifts_a_revocation(issuer: Issuer) -> None:
    extended = Standing(
        issuer.terms().lid,
        1,
        State.REVOKED,
        extended_to=TERM + 99 * DAY_S,
        extension_s=DAY_S,
    )

    decision = decide(
        issuer.terms(),
        at=effective_time(wall=TERM + DAY_S, floor=IAT),
        previous=extended,
        revoked_at=EXP,
    )

    assert decision.state is State.REVOKED


@pytest.mark.parametrize(
    ("t", "state"),
    [(TERM, State.GRACE), (TERM + 9, State.GRACE), (TERM + 10, State.RESTRICTED)],
)
def test_no_code_reaches_past_a_revocation_and_none_makes_it_worse(
    issuer: Issuer, t: int, state: State
) -> None:
    """What has ended by its dates keeps what its terms left of it."""
    extended = Standing(
        issuer.terms().lid,
        1,
        State.GRACE,
        banner_s=80 * HOUR_S,
        extended_to=TERM + 99 * DAY_S,
        extension_s=DAY_S,
    )

    decision = decide(
        issuer.terms(),
        at=effective_time(wall=t, floor=IAT),
        previous=extended,
        revoked_at=TERM + 10,
    )

    assert decision.state is state
    assert decision.revoked_at is None


def test_a_restriction_is_kept_while_a_revocation_is_held_back(
    issuer: Issuer,
) -> None:
    terms = issuer.terms(term=EXP)
    ended = Standing(terms.lid, 1, State.RESTRICTED, banner_s=80 * HOUR_S)

    decision = decide(
        terms,
        at=effective_time(wall=Y2099, floor=IAT),
        elapsed_s=5,
        stable_s=0,
        previous=ended,
        revoked_at=EXP - 1,
    )

    assert decision.state is State.RESTRICTED
    assert decision.held_back


@pytest.mark.parametrize(
    ("post", "built", "permit"),
    [
        (Post.STOP, IAT, Permit.ONE),
        (Post.STOP, IAT + 1, Permit.NONE),
        (Post.STOP, None, Permit.NONE),
        (Post.TRICKLE, IAT, Permit.ONE),
        (Post.ADVISORY, IAT, Permit.LICENSED),
    ],
)
def test_a_build_up_to_the_promised_date_keeps_at_least_a_trickle(
    issuer: Issuer, post: Post, built: int | None, permit: Permit
) -> None:
    terms = issuer.terms(post=post, max_build_date=IAT)
    warned = Standing(terms.lid, 1, State.GRACE, banner_s=72 * HOUR_S)

    decision = decide(
        terms,
        at=effective_time(wall=TERM, floor=IAT),
        previous=warned,
        build_s=built,
    )

    assert decision.state is State.RESTRICTED
    assert decision.service.batch is permit


def test_a_newer_build_is_served_in_full_while_the_license_is_valid(
    issuer: Issuer,
) -> None:
    terms = issuer.terms(max_build_date=IAT)

    decision = decide(
        terms, at=effective_time(wall=IAT, floor=IAT), build_s=IAT + 900 * DAY_S
    )

    assert decision.service.batch is Permit.LICENSED


@pytest.mark.parametrize(
    "shown", [State.PENDING, State.VALID, State.GRACE, State.RESTRICTED]
)
@pytest.mark.parametrize("flag", Flag)
def test_no_flag_changes_a_state_by_itself(
    issuer: Issuer, shown: State, flag: Flag
) -> None:
    """Not even the flag of a mismatch: only the comparison itself counts."""
    t = {State.PENDING: IAT - 1, State.VALID: IAT, State.GRACE: EXP}.get(shown, TERM)
    old = Standing(
        issuer.terms().lid, 1, shown, banner_s=80 * HOUR_S, mismatch_s=15 * DAY_S
    )
    at = effective_time(wall=t, floor=0)

    plain = decide(issuer.terms(), at=at, previous=old)
    flagged = decide(issuer.terms(), at=at, previous=old, noted=frozenset({flag}))

    assert plain.state is shown
    assert flagged == replace(plain, flags=plain.flags | {flag})


@pytest.mark.parametrize(
    ("post", "permit"), [(Post.STOP, Permit.NONE), (Post.ADVISORY, Permit.ONE)]
)
def test_an_unrecognized_host_gets_no_more_than_the_terms_leave(
    issuer: Issuer, post: Post, permit: Permit
) -> None:
    """The trickle takes the place of full service; it lifts no stop."""
    terms = issuer.terms(post=post)
    foreign = Standing(
        terms.lid, 1, State.GRACE, banner_s=80 * HOUR_S, mismatch_s=14 * DAY_S
    )

    decision = decide(
        terms,
        at=effective_time(wall=TERM, floor=IAT),
        binding=Binding.MISMATCH,
        previous=foreign,
    )

    assert decision.state is State.RESTRICTED
    assert decision.service.batch is permit


def test_a_pending_license_is_not_restricted_by_another_host(issuer: Issuer) -> None:
    terms = issuer.terms(nbf=IAT + DAY_S)
    foreign = Standing(terms.lid, 1, State.PENDING, mismatch_s=14 * DAY_S)

    decision = decide(
        terms,
        at=effective_time(wall=IAT, floor=IAT),
        binding=Binding.MISMATCH,
        previous=foreign,
    )

    assert decision.state is State.PENDING
