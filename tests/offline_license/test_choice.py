"""Which license is in force (case 36)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_license.choice import choose
from offline_license.model import Kind
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


def test_a_renewal_for_later_waits_while_the_old_one_serves(issuer: Issuer) -> None:
    old = issuer.license()
    new = issuer.license(seq=2, nbf=EXP, exp=EXP + DAY_S, term=EXP + DAY_S)

    assert choose((old, new), EXP - 1) is old
    assert choose((old, new), EXP) is new
    assert choose((new, old), EXP) is new


def test_the_highest_sequence_counts_where_windows_agree(issuer: Issuer) -> None:
    old, new = issuer.license(), issuer.license(seq=2)

    assert choose((old, new), IAT) is new
    assert choose((old, new), TERM - 1) is new
    assert choose((old, new), TERM + 1) is new


def test_a_valid_one_counts_before_a_higher_sequence_in_grace(issuer: Issuer) -> None:
    valid = issuer.license()
    in_grace = issuer.license(seq=2, exp=IAT + 1)

    assert choose((valid, in_grace), IAT + 1) is valid


def test_grace_counts_before_a_higher_sequence_that_has_ended(issuer: Issuer) -> None:
    in_grace = issuer.license()
    ended = issuer.license(seq=2, term=EXP)

    assert choose((in_grace, ended), EXP) is in_grace


def test_what_has_ended_stays_while_its_renewal_is_pending(issuer: Issuer) -> None:
    """One task at a time is more than a license that has not begun."""
    ended = issuer.license()
    pending = issuer.license(seq=2, nbf=TERM + 9, exp=TERM + 10, term=TERM + 10)

    assert choose((ended, pending), TERM + 8) is ended
    assert choose((ended, pending), TERM + 9) is pending
    assert choose((pending,), TERM) is pending


def test_a_superseded_lineage_is_left_out_once_the_other_has_begun(
    issuer: Issuer,
) -> None:
    old = issuer.license(exp=EXP + DAY_S)
    new = issuer.license(lid=bytes(16), nbf=IAT + 9, superseded=(old.license.lid,))

    assert choose((old, new), IAT + 8) is old
    assert choose((old, new), IAT + 9) is new
    assert choose((), IAT) is None


def test_a_trial_does_not_push_aside_a_license_for_production(
    issuer: Issuer,
) -> None:
    trial = issuer.license(lid=bytes(16), seq=9, kind=Kind.EVALUATION, exp=EXP + 5)
    production = issuer.license()

    assert choose((trial, production), IAT) is production


def test_a_shorter_license_does_not_shorten_a_longer_one(issuer: Issuer) -> None:
    shorter = issuer.license(lid=bytes(16), seq=9, exp=EXP - DAY_S)
    longer = issuer.license()

    assert choose((longer, shorter), IAT) is longer


def test_an_add_on_never_stands_alone(issuer: Issuer) -> None:
    add_on = issuer.license(lid=bytes(16), parent=issuer.terms().lid)

    assert choose((add_on,), IAT) is None


def test_a_revoked_license_counts_only_where_nothing_else_is_left(
    issuer: Issuer,
) -> None:
    revoked, revocations = issuer.license(), issuer.revocations()
    other = issuer.license(lid=bytes(16), exp=IAT + 1)
    at = issuer.revocation().effective_at

    assert choose((revoked, other), at - 1, revocations) is revoked
    assert choose((revoked, other), at, revocations) is other
    assert choose((revoked,), at, revocations) is revoked
