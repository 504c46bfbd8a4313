"""One look at a site: clock, choice, host and decision in one place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from offline_license.clock import Clock, Reading
from offline_license.fingerprint import Binding, Enrolled
from offline_license.look import Known, Remembered, look
from offline_license.model import Capacity, Post
from offline_license.standing import Standing
from offline_license.states import Flag, Permit, State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

FRESH = Remembered(Clock(0))
NOW = Reading(IAT, 1_000, "boot 1")


def later(seconds: int) -> Reading:
    """Return the clocks after some run time."""
    return Reading(IAT + seconds, 1_000 + seconds, "boot 1")


def test_a_site_without_a_license_is_looked_at_too() -> None:
    found = look(Known(noted=frozenset({Flag.STATE_REBUILT})), FRESH, NOW)

    assert (found.active, found.entitlements) == (None, None)
    assert found.decision.state is State.UNLICENSED
    assert found.decision.flags == {Flag.STATE_REBUILT}
    assert found.remembered == Remembered(Clock(0, last=NOW))


def test_a_genuine_license_proves_the_time_it_was_issued(issuer: Issuer) -> None:
    """A clock of 1970 with a fresh license."""
    found = look(Known((issuer.license(),)), FRESH, Reading(0, 5, "boot 1"))

    assert found.time.proved_s == IAT
    assert found.decision.state is State.VALID
    assert found.decision.flags == {Flag.CLOCK_BEHIND}


def test_everything_signed_raises_the_floor(issuer: Issuer) -> None:
    assert Known(build_s=7).floor == 7
    assert Known(build_s=7, floor_s=8).floor == 8
    assert Known((issuer.license(),), floor_s=8).floor == IAT
    revocations = issuer.revocations(iat=IAT + 9)
    assert Known((issuer.license(),), revocations).floor == IAT + 9


def test_each_look_goes_on_from_the_one_before(issuer: Issuer) -> None:
    known = Known(
        (issuer.license(enrolled=Enrolled(issuer.host())),), seen=issuer.host()
    )
    changed = replace(known, seen=issuer.host(board_serial=("x",), product_uuid=("y",)))

    first = look(known, FRESH, NOW)
    second = look(changed, first.remembered, later(HOUR_S))

    assert first.match.binding is Binding.MATCH
    assert second.match.binding is Binding.MATCH or second.elapsed_s == HOUR_S
    assert len(second.remembered.standings) == 1
    assert second.remembered.clock.run_s == HOUR_S


def test_what_is_remembered_of_other_licenses_stays(issuer: Issuer) -> None:
    other = Standing(bytes(16), 4, State.GRACE, redeemed=2)
    before = replace(FRESH, standings=(other,))

    found = look(Known((issuer.license(),)), before, NOW)

    assert found.remembered.standing_of(issuer.terms()) == found.decision.standing
    assert found.remembered.standings[0] == other


def test_the_entitlements_are_those_of_the_license_in_force(issuer: Issuer) -> None:
    add_on = issuer.license(
        lid=bytes(16), parent=issuer.terms().lid, capacity=Capacity(streams=2)
    )

    found = look(Known((issuer.license(), add_on)), FRESH, NOW)

    assert found.entitlements is not None
    assert found.entitlements.capacity.streams == 10
    assert found.entitlements.add_ons == (add_on,)


def test_a_revocation_is_announced_and_then_in_force(issuer: Issuer) -> None:
    known = Known((issuer.license(),), issuer.revocations())

    notice = look(known, FRESH, NOW)
    ended = look(known, notice.remembered, later(14 * DAY_S))

    assert notice.decision.service.batch is Permit.LICENSED
    assert notice.decision.revoked_at == IAT + 14 * DAY_S
    assert ended.decision.state is State.REVOKED


def test_another_license_serves_in_place_of_a_revoked_one(issuer: Issuer) -> None:
    other = issuer.license(lid=bytes(16))
    known = Known((issuer.license(), other), issuer.revocations())

    found = look(known, FRESH, later(14 * DAY_S))

    assert found.active is other
    assert found.decision.state is State.VALID


def test_a_build_that_was_promised_service_keeps_a_trickle(issuer: Issuer) -> None:
    license_ = issuer.license(post=Post.STOP, max_build_date=IAT)
    warned = Standing(license_.license.lid, 1, State.GRACE, banner_s=72 * HOUR_S)
    before = replace(FRESH, standings=(warned,))

    promised = look(Known((license_,), build_s=IAT), before, later(TERM - IAT))
    newer = look(Known((license_,), build_s=IAT + 1), before, later(TERM - IAT))

    assert promised.decision.service.batch is Permit.ONE
    assert newer.decision.service.batch is Permit.NONE


def test_confirming_the_clock_ends_the_waiting(issuer: Issuer) -> None:
    known = Known((issuer.license(),))
    before = look(known, FRESH, NOW)
    jumped = look(known, before.remembered, Reading(EXP, 1_060, "boot 1"))
    sure = replace(jumped.remembered, clock=jumped.remembered.clock.confirmed())

    after = look(known, sure, Reading(EXP + 1, 1_061, "boot 1"))

    assert (jumped.decision.state, jumped.decision.held_back) == (State.EXPIRING, True)
    assert (after.decision.state, after.decision.flags) == (State.GRACE, frozenset())


def test_a_renewal_takes_over_at_once_where_no_debounce_is_left(
    issuer: Issuer,
) -> None:
    """A host that was off past the end must not wait under the ended license."""
    renewal = issuer.license(seq=2, nbf=EXP, exp=TERM, term=TERM)
    known = Known((issuer.license(), renewal))
    spent = Standing(
        issuer.terms().lid, 1, State.VALID, credit_s=72 * HOUR_S, banner_s=72 * HOUR_S
    )
    before = look(known, replace(FRESH, standings=(spent,)), NOW)

    found = look(known, before.remembered, Reading(EXP, 60, "boot 2"))

    assert found.active is renewal
    assert found.decision.service.batch is Permit.LICENSED


def test_a_first_license_is_taken_while_the_clock_is_unsteady(issuer: Issuer) -> None:
    unsteady = Remembered(Clock(0, stable_s=0))

    found = look(Known((issuer.license(),)), unsteady, NOW)

    assert found.decision.state is State.VALID
    assert found.decision.flags == {Flag.CLOCK_JUMP}
