"""Every row of the table of transitions: from, to, and what leads there.

A row begins in a state that was shown, with the banner clause met, a steady clock and
a year-long license with 30 days of grace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from offline_license.clock import EffectiveTime
from offline_license.decide import decide
from offline_license.fingerprint import Binding
from offline_license.model import Post
from offline_license.standing import Standing
from offline_license.states import Permit, State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, TERM, Issuer

if TYPE_CHECKING:
    from collections.abc import Iterator

LID = Issuer().terms().lid
Y2099 = 4_070_908_800


@dataclass(frozen=True)
class Row:
    """What was shown, what is true now, and what must be shown.

    Attributes:
        t: the wall clock; the proved time as well unless ``proved`` says otherwise.
        terms, standing, facts: changes to the license, the memory and the decision.
        batch: new transcriptions.
    """

    title: str
    shown: State
    t: int
    to: State
    batch: Permit = Permit.LICENSED
    proved: int | None = None
    terms: dict[str, Any] = field(default_factory=dict)
    standing: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


S = State
FOREIGN = {"binding": Binding.MISMATCH}
WAITED = {"mismatch_s": 14 * DAY_S}
UNSTEADY = {"stable_s": 0, "elapsed_s": HOUR_S}
EXTENDED = {"extended_to": TERM + 14 * DAY_S, "extension_s": 14 * DAY_S}
FIRST_LOOK = {"seq": 9}

ROWS = (
    Row("installed, begun", S.UNLICENSED, IAT, S.VALID, standing=FIRST_LOOK),
    Row(
        "installed, for later",
        S.UNLICENSED,
        IAT - 1,
        S.PENDING,
        Permit.NONE,
        standing=FIRST_LOOK,
    ),
    Row("pending, one second early", S.PENDING, IAT - 1, S.PENDING, Permit.NONE),
    Row("pending, begins", S.PENDING, IAT, S.VALID),
    Row("valid, the first warning day", S.VALID, EXP - 90 * DAY_S, S.EXPIRING),
    Row("expiring, one second early", S.EXPIRING, EXP - 1, S.EXPIRING),
    Row("expiring, expires", S.EXPIRING, EXP, S.GRACE),
    Row("valid, expires", S.VALID, EXP, S.GRACE),
    Row(
        "expires, but the clock just jumped",
        S.VALID,
        EXP,
        S.EXPIRING,
        proved=IAT,
        facts=UNSTEADY,
    ),
    Row("expires, and run time proves it", S.VALID, EXP, S.GRACE, facts=UNSTEADY),
    Row(
        "expires, and the debounce is used up",
        S.VALID,
        EXP,
        S.GRACE,
        proved=IAT,
        standing={"credit_s": 72 * HOUR_S},
        facts=UNSTEADY,
    ),
    Row("grace, one second early", S.GRACE, TERM - 1, S.GRACE),
    Row("grace, ends", S.GRACE, TERM, S.RESTRICTED, Permit.ONE),
    Row(
        "grace, ends for good",
        S.GRACE,
        TERM,
        S.RESTRICTED,
        Permit.NONE,
        terms={"post": Post.STOP},
    ),
    Row(
        "grace, ends with advice",
        S.GRACE,
        TERM,
        S.RESTRICTED,
        terms={"post": Post.ADVISORY},
    ),
    Row(
        "grace, ends, but the banner was not seen for 72 hours",
        S.GRACE,
        TERM + 365 * DAY_S,
        S.GRACE,
        standing={"banner_s": 72 * HOUR_S - 1},
    ),
    Row(
        "grace, ends, but the clock just jumped",
        S.GRACE,
        TERM,
        S.GRACE,
        proved=EXP,
        facts=UNSTEADY,
    ),
    Row("the clock is right again", S.GRACE, IAT, S.VALID, proved=IAT),
    Row("restricted, the clock is right again", S.RESTRICTED, IAT, S.VALID),
    Row(
        "restricted, a renewal",
        S.RESTRICTED,
        TERM + DAY_S,
        S.VALID,
        terms={"seq": 2, "exp": TERM + 2 * DAY_S - 1, "term": TERM + 99 * DAY_S}
        | {"warn_days": ()},
    ),
    Row(
        "revoked, a renewal",
        S.REVOKED,
        IAT,
        S.VALID,
        terms={"seq": 2},
    ),
    Row(
        "revoked from tomorrow on", S.VALID, IAT, S.VALID, facts={"revoked_at": IAT + 1}
    ),
    *(
        Row(
            f"{shown.name.lower()}, revoked",
            shown,
            t,
            S.REVOKED,
            Permit.NONE,
            facts={"revoked_at": t},
        )
        for shown, t in ((S.VALID, IAT), (S.EXPIRING, EXP - 1), (S.GRACE, EXP))
    ),
    Row(
        "restricted, revoked only later",
        S.RESTRICTED,
        TERM + 9,
        S.RESTRICTED,
        Permit.ONE,
        facts={"revoked_at": TERM + 9},
    ),
    Row(
        "revoked, but the clock just jumped",
        S.VALID,
        Y2099,
        S.EXPIRING,
        proved=IAT,
        facts=UNSTEADY | {"revoked_at": IAT + 14 * DAY_S},
    ),
    Row(
        "another host for less than 14 days",
        S.VALID,
        IAT,
        S.VALID,
        standing={"mismatch_s": 14 * DAY_S - 1},
        facts=FOREIGN,
    ),
    *(
        Row(
            f"{shown.name.lower()}, another host for 14 days",
            shown,
            t,
            S.RESTRICTED,
            Permit.ONE,
            terms={"post": Post.STOP},
            standing=WAITED,
            facts=FOREIGN,
        )
        for shown, t in ((S.VALID, IAT), (S.EXPIRING, EXP - 1), (S.GRACE, EXP))
    ),
    Row(
        "the host is recognized again",
        S.VALID,
        IAT,
        S.VALID,
        standing=WAITED,
        facts={"binding": Binding.DRIFT},
    ),
    Row("restricted, a code", S.RESTRICTED, TERM, S.GRACE, standing=EXTENDED),
    Row("grace, a code", S.GRACE, TERM + 14 * DAY_S - 1, S.GRACE, standing=EXTENDED),
    Row(
        "a code is used up",
        S.GRACE,
        TERM + 14 * DAY_S,
        S.RESTRICTED,
        Permit.ONE,
        standing=EXTENDED,
    ),
    Row(
        "revoked, a code",
        S.REVOKED,
        TERM,
        S.REVOKED,
        Permit.NONE,
        standing=EXTENDED,
        facts={"revoked_at": EXP},
    ),
)


def titles() -> Iterator[str]:
    return (row.title for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=titles())
def test_every_row_leads_where_the_table_says(row: Row) -> None:
    remembered = {"seq": 1, "banner_s": 72 * HOUR_S, **row.standing}
    previous = Standing(LID, shown=row.shown, **remembered)
    proved = row.t if row.proved is None else row.proved

    decision = decide(
        Issuer().terms(**row.terms),
        at=EffectiveTime(row.t, proved),
        previous=previous,
        **row.facts,
    )

    assert decision.state is row.to
    assert decision.service.batch is row.batch
