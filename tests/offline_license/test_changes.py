"""What a new license changes, to be read before it is installed (case 40)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offline_license.changes import Changes, compare
from offline_license.extension import make_chain
from offline_license.model import (
    Capacity,
    Kind,
    Post,
    ReportCadence,
    ReportMode,
)
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

CODES = make_chain(bytes(16), bytes(13), count=4, days=14).anchor
WORSE: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "fewer streams": (
        {"capacity": Capacity(streams=8)},
        {"capacity": Capacity(streams=4)},
        "live sessions: 8 -> 4",
    ),
    "a limit where none was": (
        {"capacity": Capacity()},
        {"capacity": Capacity(audio_hours=100)},
        "hours of audio: unlimited -> 100",
    ),
    "less overdraft": (
        {"capacity": Capacity()},
        {"capacity": Capacity(overdraft_percent=0)},
        "above a limit for a day: 25 % -> 0 %",
    ),
    "a feature less": ({"features": (1, 2)}, {"features": (1,)}, "-feature 2"),
    "an earlier end": (
        {},
        {"exp": EXP - DAY_S},
        "valid through: 2028-01-13 -> 2028-01-12",
    ),
    "less grace": (
        {},
        {"term": TERM - DAY_S},
        "full service to: 2028-02-14T08:00:00Z -> 2028-02-13T08:00:00Z",
    ),
    "a harder end": (
        {},
        {"post": Post.STOP},
        "after that: one task at a time -> new work stops",
    ),
    "a promise less": (
        {"max_build_date": IAT},
        {},
        "software dated up to: 2027-01-15T08:00:00Z -> none",
    ),
    "no codes": (
        {"extension": CODES},
        {},
        "emergency codes: 4 for 14 days each -> none",
    ),
    "a duty more": (
        {"report": ReportCadence(90, ReportMode.ADVISORY)},
        {"report": ReportCadence(90, ReportMode.CONDITION_OF_RENEWAL)},
        "usage reports: asked for -> a condition of the next renewal",
    ),
    "a trial": ({}, {"kind": Kind.EVALUATION}, "kind: production -> evaluation"),
}


@pytest.mark.parametrize(("old", "new", "line"), WORSE.values(), ids=WORSE.keys())
def test_what_gets_worse_is_a_loss_and_the_way_back_a_gain(
    issuer: Issuer, old: dict[str, object], new: dict[str, object], line: str
) -> None:
    before, after = issuer.terms(**old), issuer.terms(**{**old, **_unset(old), **new})

    lost, gained = compare(before, after), compare(after, before)

    assert line in lost.losses
    assert lost.loses
    assert (len(gained.gains), gained.losses) == (len(lost.losses), lost.gains)


def _unset(old: dict[str, object]) -> dict[str, object]:
    """Return what an optional term is when it is left out."""
    return dict.fromkeys(old.keys() & {"max_build_date", "extension"})


def test_the_same_terms_change_nothing(issuer: Issuer) -> None:
    assert compare(issuer.terms(), issuer.terms(seq=2)) == Changes()


def test_a_renewal_with_more_loses_nothing(issuer: Issuer) -> None:
    more = issuer.terms(
        exp=EXP + DAY_S, features=(1, 2, 3), capacity=Capacity(overdraft_percent=25)
    )

    found = compare(issuer.terms(), more)

    assert not found.loses
    assert found.gains == (
        "valid through: 2028-01-13 -> 2028-01-14",
        "live sessions: 8 -> unlimited",
        "+feature 3",
    )


def test_a_first_license_is_a_gain(issuer: Issuer) -> None:
    assert compare(None, issuer.terms()) == Changes(("valid through 2028-01-13",))


def test_a_gap_before_the_new_one_is_a_loss(issuer: Issuer) -> None:
    late = issuer.terms(nbf=TERM + 1, exp=TERM + DAY_S, term=TERM + DAY_S)

    found = compare(issuer.terms(), late)

    assert found.losses == (
        "no full service from 2028-02-14T08:00:00Z to 2028-02-14T08:00:01Z",
    )
