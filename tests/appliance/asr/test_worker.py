"""How a worker ends and what it leaves: drains, stalls, lost gateways."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.asr.errors import StalledError
from appliance.asr.gateway import GatewayClient
from appliance.asr.metrics import AsrMetrics
from appliance.asr.parts import Parts
from appliance.asr.state import WorkerState
from appliance.asr.worker import Worker
from appliance.queue import JobNote
from tests.support.redis_server import RedisServer
from tests.support.serving import Stack, asr_settings, eventually, until
from tests.support.serving_fakes import FakeEngine, FakePermits


@pytest.fixture
async def parts(tmp_path: Path, redis: RedisServer) -> AsyncIterator[Parts]:
    """The parts of a worker whose gateway is nowhere."""
    queue, gateway = redis.queue(), GatewayClient("token", "asr-1")
    yield Parts(
        settings=replace(asr_settings(tmp_path, redis), drain_s=0),
        queue=queue,
        gateway=gateway,
        engine=FakeEngine(),
        permits=FakePermits(),
        state=WorkerState(stall_s=30),
        metrics=AsrMetrics(),
    )
    await gateway.close()
    await queue.close()


async def test_a_hung_model_call_ends_the_worker(parts: Parts) -> None:
    """Only the end of the process frees the thread; the restarted one resumes the job."""
    parts.state.beat("job-1")
    parts.state.beats["job-1"] -= 60

    with pytest.raises(StalledError):
        await Worker(parts).run(asyncio.Event())


async def test_a_stopped_worker_leaves_the_roster(parts: Parts) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(Worker(parts).run(stop))
    await eventually(parts.queue.workers)

    stop.set()
    await task

    assert await parts.queue.workers() == ()
    assert parts.state.draining


async def test_a_job_of_a_lost_gateway_becomes_a_dead_letter(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.asr.worker._GATEWAY_PAUSE_S", 0.0)
    await parts.queue.prepare()
    await parts.queue.submit(JobNote("job-1", "http://127.0.0.1:1", "demo", 1, 1))
    task = asyncio.create_task(Worker(parts).run(asyncio.Event()))

    await eventually(parts.queue.dead)

    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (await parts.queue.depth()).held == 0


async def test_what_the_drain_time_does_not_finish_goes_to_another(bare: Stack) -> None:
    slow, other = FakeEngine(held=True), FakeEngine(text=" from the other")
    first = await bare.start_worker(slow, "asr-1")
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(slow.calls) == 1)
    await bare.start_worker(other, "asr-2")
    first.worker._settings = replace(first.worker._settings, drain_s=0)

    first.stop.set()

    assert (await call).json()["text"] == "from the other"
    await first.task


async def test_a_drained_worker_finishes_what_it_has(bare: Stack) -> None:
    engine = FakeEngine(held=True)
    running = await bare.start_worker(engine)
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(engine.calls) == 1)

    running.stop.set()
    await until(lambda: running.state.draining)
    engine.held = False

    assert (await call).status_code == 200
    await running.task
