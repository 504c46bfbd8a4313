"""The web application: read only, this host only, nothing from elsewhere."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import installer.dashboard
from installer.dashboard import dashboard_app
from installer.dashboard.guard import SECURITY_HEADERS
from installer.dashboard.snapshot import Snapshot, SnapshotError
from installer.protocol import Status
from tests.support.statuses import NOW, status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ASSETS = Path(installer.dashboard.__file__).parent / "assets"
PATHS = ["/", "/assets/page.js", "/assets/page.css", "/assets/icon.svg"]
DATA = ["/api/status", "/api/page", "/metrics"]


async def healthy() -> Status:
    return status()


def client(
    get_status: Callable[[], Awaitable[Status]] = healthy,
    base_url: str = "http://127.0.0.1:9470",
) -> httpx.AsyncClient:
    app = dashboard_app(get_status, wall=NOW.timestamp)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)


@pytest.mark.parametrize("path", PATHS + DATA)
async def test_each_address_answers_with_all_the_protections(path: str) -> None:
    answer = await client().get(path)

    assert answer.status_code == 200
    assert answer.content
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize("path", PATHS + DATA)
async def test_the_head_alone_may_be_asked_for(path: str) -> None:
    answer = await client().head(path)

    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/api/status", "/v1/operations", "/nowhere"])
async def test_writing_is_refused_everywhere(method: str, path: str) -> None:
    answer = await client().request(method, path, json={"kind": "uninstall"})

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/nowhere", "/assets/", "/assets/../app.py", "/assets/%2e%2e/app.py"]
)
async def test_there_is_nothing_else_to_read(path: str) -> None:
    assert (await client().get(path)).status_code == 404


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://localhost:9470", 200),
        ("http://localhost:12345", 200),
        ("http://[::1]:9470", 200),
        ("http://127.0.0.1", 200),
        ("http://attacker.example", 421),
        ("http://127.0.0.1.attacker.example:9470", 421),
        ("http://192.168.10.5:9470", 421),
    ],
)
async def test_a_foreign_name_for_this_host_is_refused(url: str, code: int) -> None:
    assert (await client(base_url=url).get("/api/status")).status_code == code


async def test_the_status_is_passed_on_whole() -> None:
    answer = await client().get("/api/status")

    assert Status.model_validate(answer.json()) == status()


async def test_the_page_is_said_in_plain_words() -> None:
    page = (await client().get("/api/page")).json()

    assert page["headline"] == "The appliance is serving."
    assert [one["name"] for one in page["sections"]] == [
        "services",
        "license",
        "host",
        "gpus",
    ]


@pytest.mark.parametrize("path", DATA)
async def test_a_failing_engine_is_said_and_its_words_stay_inside(path: str) -> None:
    async def fail() -> Status:
        raise RuntimeError("secret of the engine")

    answer = await client(fail).get(path)

    assert answer.status_code == 503
    assert answer.text == "The engine gives no status: RuntimeError\n"


async def test_many_viewers_cost_the_engine_one_question() -> None:
    asked = 0

    async def count() -> Status:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return status()

    viewer = client(count)
    answers = await asyncio.gather(*(viewer.get("/api/page") for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert asked == 1


async def test_a_status_that_never_comes_is_given_up() -> None:
    async def hang() -> Status:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(SnapshotError, match=r"no answer within 0.01 s"):
        await Snapshot(hang, deadline_s=0.01).get()


async def test_a_stale_status_is_asked_for_again() -> None:
    answers = iter([status(), status(installed=False)])

    async def step() -> Status:
        return next(answers)

    snapshot = Snapshot(step, max_age_s=-1)

    assert (await snapshot.get()).installed
    assert not (await snapshot.get()).installed


@pytest.mark.parametrize("path", sorted(ASSETS.iterdir()), ids=lambda path: path.name)
def test_no_asset_names_another_host(path: Path) -> None:
    text = path.read_text()
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+", text))

    assert addresses <= {"http://www.w3.org"}  # the name of SVG, never fetched
    assert "innerHTML" not in text
    assert "eval(" not in text


def test_every_file_of_the_page_is_served() -> None:
    names = {path.name for path in ASSETS.iterdir()}

    assert names == {"index.html", "page.js", "page.css", "icon.svg"}
