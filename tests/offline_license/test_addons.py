"""Add-ons: sums and unions, each only in its own window (case 41)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offline_license.addons import Entitlements, entitlements
from offline_license.clock import EffectiveTime
from offline_license.model import Capacity
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from offline_license.license import VerifiedLicense
    from tests.support.licensing import Issuer

Y2099 = 4_070_908_800


def add_on(issuer: Issuer, name: bytes, **changes: object) -> VerifiedLicense:
    """Return an add-on with two more streams and feature 7."""
    terms: dict[str, object] = {
        "lid": name * 16,
        "parent": issuer.terms().lid,
        "capacity": Capacity(streams=2),
        "features": (7,),
    }
    return issuer.license(**terms | changes)


def given(
    issuer: Issuer, *add_ons: VerifiedLicense, t: int = IAT, **more: object
) -> Entitlements:
    """Return what the default license gives with these add-ons."""
    at = EffectiveTime(t, t)
    return entitlements(add_ons, issuer.terms(), **{"at": at} | more)  # type: ignore[arg-type]


def test_a_license_alone_gives_what_it_says(issuer: Issuer) -> None:
    found = given(issuer)

    assert found.capacity == issuer.terms().capacity
    assert (found.features, found.add_ons) == ((1, 2), ())


def test_limits_are_summed_and_features_united(issuer: Issuer) -> None:
    one, two = add_on(issuer, b"a"), add_on(issuer, b"b", features=(2, 9))

    found = given(issuer, one, two)

    assert found.capacity == Capacity(streams=12, overdraft_percent=25)
    assert found.features == (1, 2, 7, 9)
    assert found.add_ons == (one, two)


def test_what_is_without_limit_stays_so_and_nothing_adds_nothing(
    issuer: Issuer,
) -> None:
    limits = Capacity(gpus=4, audio_hours=100, hosts=1)

    found = given(issuer, add_on(issuer, b"a", capacity=limits))

    assert found.capacity == Capacity(streams=8, overdraft_percent=25)


@pytest.mark.parametrize(
    ("t", "streams"),
    [(IAT, 8), (IAT + 1, 10), (IAT + 9, 10), (IAT + 29, 10), (IAT + 30, 8)],
)
def test_an_add_on_counts_from_its_start_through_its_grace(
    issuer: Issuer, t: int, streams: int
) -> None:
    short = add_on(issuer, b"a", nbf=IAT + 1, exp=IAT + 9, term=IAT + 30)

    assert given(issuer, short, t=t).capacity.streams == streams


def test_an_ended_add_on_takes_only_its_own_with_it(issuer: Issuer) -> None:
    ended = add_on(issuer, b"a", exp=IAT + 9, term=IAT + 9)
    other = add_on(issuer, b"b", features=(8,))

    found = given(issuer, ended, other, t=IAT + 9)

    assert found.features == (1, 2, 8)
    assert found.add_ons == (other,)


def test_a_renewed_add_on_counts_once(issuer: Issuer) -> None:
    old, new = add_on(issuer, b"a"), add_on(issuer, b"a", seq=2, features=(8,))

    found = given(issuer, old, new)

    assert found.add_ons == (new,)
    assert found.features == (1, 2, 8)


def test_the_add_on_of_another_license_adds_nothing(issuer: Issuer) -> None:
    assert given(issuer, add_on(issuer, b"a", parent=bytes(16))).add_ons == ()


def test_a_revoked_add_on_adds_nothing(issuer: Issuer) -> None:
    revocations = issuer.revocations(entries=(issuer.revocation(lid=b"a" * 16),))
    t = issuer.revocation().effective_at

    found = given(issuer, add_on(issuer, b"a"), t=t, revocations=revocations)

    assert found.add_ons == ()


def test_a_clock_that_jumped_ends_no_add_on_for_a_day(issuer: Issuer) -> None:
    one, wrong = add_on(issuer, b"a"), EffectiveTime(Y2099, IAT + DAY_S)

    assert given(issuer, one, at=wrong, stable_s=DAY_S - 1).add_ons == (one,)
    assert given(issuer, one, at=wrong, stable_s=DAY_S).add_ons == ()


def test_a_clock_that_jumped_begins_an_add_on_at_once(issuer: Issuer) -> None:
    later = add_on(issuer, b"a", nbf=EXP, exp=TERM, term=TERM)
    right = EffectiveTime(EXP, IAT)

    assert given(issuer, later, at=right, stable_s=0).add_ons == (later,)
