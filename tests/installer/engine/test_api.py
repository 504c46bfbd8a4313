"""The engine's API, over its real application and a fake host."""

from collections.abc import AsyncIterator

import httpx
import pytest

from appliance.engines.errors import EngineUnreachableError
from appliance.isolation import Exposure
from bundles.errors import NotAMediumError
from installer.engine.api import build_api
from installer.engine.operations import Operations
from installer.engine.status import StatusCollector
from installer.protocol import (
    PROTOCOL,
    ErrorBody,
    KeyCreated,
    Operation,
    OperationRequest,
    OperationState,
    Plan,
    Status,
)
from tests.installer.engine.conftest import Finish
from tests.support.fake_site import FakeSite


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http(
    fake: FakeSite, operations: Operations, clock: Clock
) -> AsyncIterator[httpx.AsyncClient]:
    site = fake.site()
    app = build_api(
        site, operations, StatusCollector(site, operations.current, clock=clock)
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as http:
        yield http


@pytest.fixture
def installed(
    operations: Operations, install: OperationRequest, finish: Finish
) -> Operation:
    operations.start(install)
    return finish(operations)


async def _code(response: httpx.Response) -> str:
    return ErrorBody.model_validate_json(response.content).finding.code


async def test_the_version_names_the_protocol(http: httpx.AsyncClient) -> None:
    body = (await http.get("/v1/version")).json()

    assert body["protocol"] == PROTOCOL


async def test_a_bare_host_has_a_status(http: httpx.AsyncClient) -> None:
    status = Status.model_validate_json((await http.get("/v1/status")).content)

    assert not status.installed
    assert status.services == ()
    assert status.host == {"cpu_count": 4}


async def test_an_installed_host_shows_every_service(
    http: httpx.AsyncClient, installed: Operation, clock: Clock
) -> None:
    await http.get("/v1/status")
    clock.now += 2

    status = Status.model_validate_json((await http.get("/v1/status")).content)

    assert installed.state is OperationState.SUCCEEDED
    assert [one.name for one in status.services] == [
        "redis", "license", "api", "asr", "edge",
    ]  # fmt: skip
    assert {one.health for one in status.services} == {"healthy"}
    assert status.services[0].cpu_percent == 0.0
    assert status.api_url == "http://127.0.0.1:8080"
    assert status.license == {"state": "valid"}
    assert status.operation is not None


async def test_a_lost_container_is_shown_as_missing(
    http: httpx.AsyncClient, installed: Operation, fake: FakeSite
) -> None:
    assert installed.id
    fake.engine.remove_container("anechoic-asr-1")

    status = Status.model_validate_json((await http.get("/v1/status")).content)

    found = {one.name: one for one in status.services}
    assert found["asr"].state == "missing"
    assert found["asr"].memory_bytes is None


async def test_a_dead_container_engine_is_a_finding_in_the_status(
    http: httpx.AsyncClient,
    installed: Operation,
    fake: FakeSite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert installed.id

    def dead() -> None:
        raise EngineUnreachableError("nobody answers")

    monkeypatch.setattr(fake.engine, "containers", dead)
    status = Status.model_validate_json((await http.get("/v1/status")).content)

    assert [one.code for one in status.findings] == ["ANX-ENG-01"]
    assert status.release is not None


async def test_an_operation_is_started_and_watched_to_its_end(
    http: httpx.AsyncClient, install: OperationRequest, fake: FakeSite
) -> None:
    started = await http.post("/v1/operations", content=install.model_dump_json())
    operation = Operation.model_validate_json(started.content)

    events = await http.get(f"/v1/operations/{operation.id}/events")
    pictures = [
        Operation.model_validate_json(line) for line in events.text.splitlines()
    ]

    assert started.status_code == 202
    assert pictures[-1].state is OperationState.SUCCEEDED
    assert fake.paths.installed.exists()


async def test_the_last_operation_is_shown_after_a_restart_of_the_engine(
    fake: FakeSite, installed: Operation
) -> None:
    site = fake.site()
    later = Operations(site)
    app = build_api(site, later, StatusCollector(site, later.current))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://engine"
    ) as http:
        body = await http.get("/v1/operations/current")

    seen = Operation.model_validate_json(body.content)
    assert seen.id == installed.id
    assert [one.name for one in seen.steps] == [one.name for one in installed.steps]
    assert seen.state is OperationState.SUCCEEDED


async def test_a_refused_medium_is_answered_with_its_finding(
    http: httpx.AsyncClient, fake: FakeSite, install: OperationRequest
) -> None:
    fake.world.refusal = NotAMediumError("no folder")

    opened = await http.post("/v1/medium", json={"path": "/media/x"})
    started = await http.post("/v1/operations", content=install.model_dump_json())

    assert (opened.status_code, started.status_code) == (422, 422)
    assert (await _code(opened)).startswith("ANX-MED-")


async def test_medium_license_plan_and_preflight_are_answered(
    http: httpx.AsyncClient, fake: FakeSite
) -> None:
    settings = {"settings": fake.settings().model_dump(mode="json")}

    medium = await http.post("/v1/medium", json={"path": "/media/x"})
    license_ = await http.post("/v1/license", json={"path": "/media/site.alic"})
    plan = await http.post("/v1/plan", json=settings)
    preflight = await http.post("/v1/preflight", json=settings)
    request = await http.post("/v1/license/request")

    assert medium.json()["release_seq"] == 7
    assert license_.json()["license_id"] == "site"
    assert len(Plan.model_validate_json(plan.content).steps) == 22
    assert preflight.json()["findings"] == []
    assert request.json()["armored"] == "REQUEST"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/v1/plan", {"settings": {"prot": 1}}, 400, "ANX-OP-01"),
        ("POST", "/v1/plan", {}, 400, "ANX-OP-01"),
        ("POST", "/v1/keys", {"name": ""}, 400, "ANX-OP-01"),
        ("POST", "/v1/keys", {"name": "x"}, 409, "ANX-OP-08"),
        ("DELETE", "/v1/keys/none", None, 404, "ANX-OP-11"),
        ("GET", "/v1/operations/current", None, 404, "ANX-OP-12"),
        ("DELETE", "/v1/operations/current", None, 404, "ANX-OP-12"),
        ("GET", "/v1/operations/none/events", None, 404, "ANX-OP-12"),
        ("POST", "/v1/operations", {"kind": "uninstall"}, 409, "ANX-OP-08"),
        ("POST", "/v1/operations", {"kind": "install"}, 422, "ANX-OP-03"),
        ("POST", "/v1/isolation", None, 409, "ANX-OP-08"),
        ("POST", "/v1/license/drill", {"minutes": -1}, 400, "ANX-OP-01"),
        ("POST", "/v1/license/simulation", {"swaps": "nic"}, 400, "ANX-OP-01"),
        ("GET", "/v1/usage/report?level=words", None, 400, "ANX-OP-01"),
        ("GET", "/v1/usage/report?since=-1", None, 400, "ANX-OP-01"),
    ],
)
async def test_every_refusal_has_a_status_and_a_finding(
    *,
    http: httpx.AsyncClient,
    method: str,
    path: str,
    body: object,
    status: int,
    code: str,
) -> None:
    response = await http.request(method, path, json=body)

    assert (response.status_code, await _code(response)) == (status, code)


async def test_a_body_without_end_is_refused(http: httpx.AsyncClient) -> None:
    response = await http.post("/v1/plan", content=b" " * 300_000)

    assert await _code(response) == "ANX-OP-01"


async def test_an_unexpected_error_keeps_its_text_to_itself(
    http: httpx.AsyncClient, fake: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_settings: object, _bytes: int) -> None:
        raise RuntimeError("spoken words")

    monkeypatch.setattr(fake.world, "preflight", fail)
    response = await http.post("/v1/preflight", json={"settings": {}})

    assert response.status_code == 500
    assert "spoken" not in response.text


async def test_a_key_is_shown_once_and_kept_as_a_hash(
    http: httpx.AsyncClient, installed: Operation, fake: FakeSite
) -> None:
    assert installed.id
    made = await http.post("/v1/keys", json={"name": "ward 7"})

    created = KeyCreated.model_validate_json(made.content)
    listed = (await http.get("/v1/keys")).json()["keys"]
    assert created.key.startswith("anx_")
    assert len(created.key) == 47
    assert created.key not in repr(created)
    assert created.key not in fake.paths.api_keys.read_text()
    assert [one["name"] for one in listed] == ["ward 7"]
    assert fake.paths.api_keys.stat().st_mode & 0o777 == 0o640


async def test_a_deleted_key_is_gone(
    http: httpx.AsyncClient, installed: Operation
) -> None:
    assert installed.id
    made = (await http.post("/v1/keys", json={"name": "x"})).json()

    deleted = await http.delete(f"/v1/keys/{made['id']}")

    assert deleted.status_code == 200
    assert (await http.get("/v1/keys")).json() == {"keys": []}


async def test_open_ways_are_findings(
    http: httpx.AsyncClient, installed: Operation, fake: FakeSite
) -> None:
    assert installed.id
    closed = await http.post("/v1/isolation")
    fake.world.exposures_found = (Exposure("anechoic-edge", "tcp 1.2.3.4:5", "open"),)

    opened = await http.post("/v1/isolation")

    assert closed.json() == {"findings": []}
    assert opened.json()["findings"][0]["code"] == "ANX-ENG-12"
