"""Gateway and ledger agree with what callers saw, whatever is restarted (case 62)."""

import asyncio
import random
from pathlib import Path

import httpx
import pytest

from tests.support.redis_server import RedisServer
from tests.support.serving import Stack, running_stack, until
from tests.support.serving_fakes import FakeEngine, wav
from tests.support.usage_path import Oracle, RestartedLicense, metered, sums_of

pytestmark = pytest.mark.long


REQUESTS = 40


@pytest.fixture
def license_(tmp_path: Path) -> RestartedLicense:
    return RestartedLicense(tmp_path / "license")


async def ask(stack: Stack, chance: random.Random) -> httpx.Response:
    """Send one request of any kind: good, wrong, of a stranger, without audio."""
    kind = chance.choices(["good", "wrong", "stranger", "silent"], [12, 3, 1, 1])[0]
    fields = {"response_format": "verbose_json"}
    if chance.random() < 0.3:
        fields["prompt"] = "names"
    if kind == "wrong":
        fields["temperature"] = "9"
    headers = {"authorization": "Bearer wrong"} if kind == "stranger" else {}
    audio = b"" if kind == "silent" else wav(chance.randrange(10, 500) / 1000)
    return await stack.client.post(
        "/v1/audio/transcriptions",
        files={"file": ("a.wav", audio)},
        data={"model": "demo", **fields},
        headers=headers,
    )


async def load(stack: Stack, chance: random.Random, oracle: Oracle) -> None:
    """Send requests from eight callers at once."""

    async def caller() -> None:
        for _ in range(REQUESTS // 8):
            oracle.take(await ask(stack, chance))

    await asyncio.gather(*(caller() for _ in range(8)))


async def disturb(license_: RestartedLicense, chance: random.Random) -> None:
    """Restart and kill the license container, lose its answers, let hours pass."""
    for _ in range(6):
        await asyncio.sleep(0.05)
        license_.lost_answers = chance.randrange(2)
        license_.site.clocks.run(1800)
        license_.stop() if chance.random() < 0.5 else license_.kill()
        await asyncio.sleep(0.05)
        license_.start()


@pytest.mark.parametrize("seed", range(2))
async def test_the_report_sums_up_what_callers_saw(
    tmp_path: Path, redis: RedisServer, license_: RestartedLicense, seed: int
) -> None:
    chance, oracle = random.Random(seed), Oracle()

    for run in range(2):  # The gateway is restarted in between.
        folder = tmp_path / f"run {run}"
        folder.mkdir()
        async with running_stack(folder, redis) as stack, metered(stack, license_):
            await stack.start_worker(FakeEngine(text=" alpha bravo" * (run + 1)))
            await asyncio.gather(load(stack, chance, oracle), disturb(license_, chance))

    assert oracle.served > REQUESTS
    assert oracle.refused > 0
    assert sums_of(license_.report()) == oracle.sums


async def test_failed_and_canceled_requests_are_in_the_sums(
    tmp_path: Path, redis: RedisServer, license_: RestartedLicense
) -> None:
    oracle = Oracle()
    async with running_stack(tmp_path, redis) as stack, metered(stack, license_):
        engine = FakeEngine(failure=RuntimeError("broken"))
        await stack.start_worker(engine)
        oracle.take(await stack.transcribe(response_format="verbose_json"))
        engine.failure, engine.held = None, True
        calls = [asyncio.create_task(stack.transcribe()) for _ in range(3)]
        await until(lambda: len(stack.gateway.jobs) == 3)
        for call in calls:
            call.cancel()
        await until(lambda: not len(stack.gateway.jobs))
        oracle.canceled += 3
        engine.held = False
        stack.permits.restrict()
        oracle.take(await stack.transcribe())
        stack.permits.allow()

    assert oracle.sums[:4] == (0, 1, 1, 3)
    assert sums_of(license_.report()) == oracle.sums


async def test_a_gateway_serves_while_nobody_takes_its_usage(
    tmp_path: Path, redis: RedisServer, license_: RestartedLicense
) -> None:
    """The license container is away: no request is delayed, refused or forgotten."""
    oracle = Oracle()
    license_.kill()
    async with running_stack(tmp_path, redis) as stack, metered(stack, license_):
        await stack.start_worker(FakeEngine())
        for _ in range(5):
            oracle.take(await stack.transcribe(response_format="verbose_json"))
        license_.start()

    assert oracle.served == 5
    assert sums_of(license_.report()) == oracle.sums
