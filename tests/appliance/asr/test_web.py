"""The worker's health and metrics pages, on the standard library."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from appliance.asr.metrics import AsrMetrics
from appliance.asr.state import WorkerState
from appliance.asr.web import Pages
from appliance.health import check, main
from tests.support.serving_fakes import FakeEngine


@pytest.fixture
def state() -> WorkerState:
    return WorkerState(stall_s=30, engine=FakeEngine().info)


@pytest.fixture
async def url(state: WorkerState) -> AsyncIterator[str]:
    server = await Pages(state, AsrMetrics()).listen("127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.close()
    await server.wait_closed()


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url)


async def test_a_loaded_worker_is_healthy(url: str) -> None:
    answer = await get(f"{url}/health")

    assert answer.status_code == 200
    assert answer.json()["model"] == "demo"


async def test_a_loading_worker_is_not_healthy(url: str, state: WorkerState) -> None:
    state.engine = None

    answer = await get(f"{url}/health")

    assert answer.status_code == 503
    assert answer.json()["status"] == "loading"


async def test_a_stuck_model_call_fails_health(url: str, state: WorkerState) -> None:
    state.beat("job-1")
    state.beats["job-1"] -= 31

    assert (await get(f"{url}/health")).json()["status"] == "stalled"


async def test_a_missing_license_is_no_reason_to_restart(
    url: str, state: WorkerState
) -> None:
    state.allowed, state.reason = False, "ANX-LIC-33"

    answer = await get(f"{url}/health")

    assert answer.status_code == 200
    assert answer.json()["license"] == {"ok": False, "reason": "ANX-LIC-33"}


async def test_metrics_are_exposed(url: str) -> None:
    assert "anechoic_asr_active_jobs 0.0" in (await get(f"{url}/metrics")).text


async def test_other_addresses_and_methods_are_refused(url: str) -> None:
    assert (await get(f"{url}/secrets")).status_code == 404
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(f"{url}/health")).status_code == 405


@pytest.mark.parametrize("request_bytes", [b"\r\n\r\n", b"x" * 20_000, b""])
async def test_garbage_does_not_stop_the_pages(url: str, request_bytes: bytes) -> None:
    port = int(url.rsplit(":", 1)[1])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_bytes)
    writer.close()

    assert (await get(f"{url}/health")).status_code == 200


async def test_the_health_program_follows_the_answer(
    url: str, state: WorkerState
) -> None:
    assert await asyncio.to_thread(check, f"{url}/health") is None
    assert await asyncio.to_thread(main, [f"{url}/health"]) == 0

    state.engine = None

    assert await asyncio.to_thread(check, f"{url}/health?x=1") == "answered 503"
    assert await asyncio.to_thread(main, [f"{url}/health"]) == 1


def test_the_health_program_names_what_is_wrong() -> None:
    assert check("http://127.0.0.1:1/health") == "no answer (ConnectionRefusedError)"
    assert check("ftp://x") == "expected a URL that starts with http://"
    assert main([]) == 2
