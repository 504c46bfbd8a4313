"""The table of what works: some rows nothing can close."""

from __future__ import annotations

import pytest

from offline_license.clock import effective_time
from offline_license.decide import decide
from offline_license.model import Post
from offline_license.services import ServiceRow, service_rows
from offline_license.standing import Standing
from offline_license.states import State
from offline_license.tolerances import HOUR_S
from tests.support.licensing import IAT, TERM, Issuer

ENDED = {
    Post.STOP: (False, "no (ANX-LIC-32)"),
    Post.TRICKLE: (True, "one at a time (ANX-LIC-33)"),
    Post.ADVISORY: (True, "up to the limit"),
}


def rows(
    issuer: Issuer | None, t: int, post: Post = Post.STOP
) -> dict[str, ServiceRow]:
    terms = issuer.terms(post=post) if issuer else None
    lid = Issuer().terms().lid
    warned = Standing(lid, 1, State.GRACE, banner_s=72 * HOUR_S)
    decision = decide(terms, at=effective_time(wall=t, floor=0), previous=warned)
    return {row.name: row for row in service_rows(decision)}


@pytest.mark.parametrize("post", Post)
def test_after_the_end_the_terms_decide(issuer: Issuer, post: Post) -> None:
    shown = rows(issuer, TERM, post)

    for name in ("new transcriptions", "new live sessions"):
        assert (shown[name].open, shown[name].words) == ENDED[post]
    assert shown["work in flight"].words == "finishes within 24 h"


def test_a_valid_license_opens_everything(issuer: Issuer) -> None:
    assert all(row.open for row in rows(issuer, IAT).values())


def test_without_a_license_there_is_a_demo() -> None:
    assert rows(None, IAT)["new live sessions"] == ServiceRow(
        "new live sessions", "one, 60 minutes a day (ANX-LIC-31)", open=True
    )


def test_renewal_reports_health_and_updates_are_never_closed(issuer: Issuer) -> None:
    shown = rows(issuer, TERM)
    always = [name for name, row in shown.items() if row.words == "always"]

    assert always == [
        "reports, ledger and configuration",
        "license, status and wizard",
        "health and readiness",
        "updates of the software",
    ]
