"""Canary words and a canary prompt: no trace in Redis, on a disk, in logs or metrics."""

import asyncio
import logging
from pathlib import Path

import pytest

from appliance.logs import JsonLines
from tests.support.redis_server import RedisServer
from tests.support.serving import running_stack, until
from tests.support.serving_fakes import FakeEngine, wav

CANARY = "xyzzyplugh"
WAVE = wav(20, hertz=1234)


def everything_in(redis: RedisServer) -> bytes:
    """All keys and values that Redis holds, as it would dump them."""
    with redis.admin() as client:
        keys = client.keys("*")
        assert isinstance(keys, list)
        dumps = [client.dump(key) or b"" for key in keys]
        return b"".join([*keys, *dumps])


def everything_below(folder: Path) -> bytes:
    """The content of every file below a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_speech_is_nowhere_but_in_the_answer(
    tmp_path: Path, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = FakeEngine(text=f" {CANARY}", held=True)
    async with running_stack(tmp_path, redis) as stack:
        await stack.start_worker(engine)
        call = asyncio.create_task(stack.transcribe(WAVE, prompt=f"say {CANARY}"))
        await until(lambda: len(engine.calls) == 1)
        in_flight = everything_in(redis)
        engine.held = False
        answer = await call
        afterwards = everything_in(redis)
        metrics = (await stack.client.get("/metrics")).text

    assert answer.json()["text"] == CANARY
    formatter = JsonLines()
    logs = "\n".join(formatter.format(record) for record in caplog.records)
    written = everything_below(tmp_path)
    assert b"anechoic:jobs" in in_flight
    for place in (in_flight, afterwards, written, logs.encode(), metrics.encode()):
        assert CANARY.encode() not in place
        assert WAVE[5000:5064] not in place


async def test_a_refused_request_leaves_no_words_either(
    tmp_path: Path, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = FakeEngine(failure=RuntimeError(f"heard {CANARY}"))
    async with running_stack(tmp_path, redis) as stack:
        await stack.start_worker(engine)
        answer = await stack.transcribe(language="en", prompt=CANARY)

    formatter = JsonLines()
    logs = "\n".join(formatter.format(record) for record in caplog.records)
    assert answer.status_code == 500
    assert CANARY not in answer.text
    assert CANARY not in logs
    assert CANARY.encode() not in everything_in(redis)
