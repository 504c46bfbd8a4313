"""Whatever is sent to the license container, it answers, and goes on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.license_objects import ASK, USAGE
from tests.support.license_site import LicenseSite

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.license_proxy.keeper import Keeper

POSTS = (
    "/v1/license/extension",
    "/v1/license/clock",
    "/v1/license/restored",
    "/v1/license/drill",
    "/v1/leases",
    "/v1/usage",
)
ANSWERS = frozenset({200, 400, 403, 404, 405, 413, 429, 503})
SEEDS = (ASK, USAGE, b'{"code": "98CQ"}', b'{"uid": 0}', b'{"minutes": 10}')

PARTS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    PARTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """Return a genuine body with one of its values replaced."""
    body = json.loads(draw(st.sampled_from(SEEDS)))
    body[draw(st.sampled_from(sorted(body)))] = draw(VALUES)
    return json.dumps(body).encode()


BODIES = (
    changed()
    | st.binary(max_size=100)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | st.just(b"[" * 100_000)
    | st.just(b"9" * 5_000)
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[LicenseSite, Keeper]:
    folder: Path = tmp_path_factory.mktemp("site")
    site = LicenseSite(folder)
    site.install()
    return site, site.start()


def answers(served: tuple[LicenseSite, Keeper], path: str, body: bytes) -> set[int]:
    """Send a body; an exception of the program would come through here."""
    site, keeper = served

    async def ask() -> set[int]:
        async with site.http(keeper) as http:
            first = await http.post(path, content=body)
            after = await http.get("/v1/license")
            assert after.json()["service"]["batch"] == "licensed"
            return {first.status_code, after.status_code}

    return asyncio.run(ask())


@pytest.mark.parametrize("path", POSTS)
@given(body=BODIES)
@settings(deadline=None, max_examples=40)
def test_any_body_is_answered_and_changes_no_license(
    served: tuple[LicenseSite, Keeper], path: str, body: bytes
) -> None:
    assert answers(served, path, body) <= ANSWERS


@given(level=st.text(max_size=8), since=st.text(max_size=8) | st.just("9" * 5_000))
@settings(deadline=None, max_examples=40)
def test_any_question_for_a_report_is_answered(
    served: tuple[LicenseSite, Keeper], level: str, since: str
) -> None:
    site, keeper = served

    async def ask() -> int:
        async with site.http(keeper) as http:
            wanted = {"level": level, "since": since}
            answer = await http.get("/v1/usage/report", params=wanted)
            return answer.status_code

    assert asyncio.run(ask()) in ANSWERS
