from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.serving import (
    FakeEngine,
    RedisServer,
    Stack,
    redis_server,
    running_stack,
)


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(shared_redis: RedisServer) -> RedisServer:
    with shared_redis.admin() as client:
        client.flushall()
    return shared_redis


@pytest.fixture
async def bare(tmp_path: Path, redis: RedisServer) -> AsyncIterator[Stack]:
    """A gateway without workers."""
    async with running_stack(tmp_path, redis) as stack:
        yield stack


@pytest.fixture
async def stack(bare: Stack) -> Stack:
    """A gateway with one worker that runs a fake engine."""
    await bare.start_worker(FakeEngine())
    return bare
