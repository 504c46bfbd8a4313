from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.redis_server import RedisServer, empty_redis, shared_redis
from tests.support.serving import Stack, running_stack
from tests.support.serving_fakes import FakeEngine

__all__ = ["empty_redis", "shared_redis"]


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
