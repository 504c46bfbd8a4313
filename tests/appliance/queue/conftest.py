from collections.abc import AsyncIterator

import pytest

from appliance.queue import JobQueue
from tests.support.redis_server import RedisServer, empty_redis, shared_redis

__all__ = ["empty_redis", "shared_redis"]


@pytest.fixture
async def queue(redis: RedisServer) -> AsyncIterator[JobQueue]:
    queue = redis.queue()
    await queue.prepare()
    yield queue
    await queue.close()
