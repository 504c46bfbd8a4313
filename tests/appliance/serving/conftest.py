from collections.abc import Iterator

import pytest

from tests.support.redis_server import RedisServer, empty_redis, shared_redis
from tests.support.serving_processes import Programs, running_programs

__all__ = ["empty_redis", "shared_redis"]


@pytest.fixture(scope="module")
def programs(
    shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Programs]:
    folder = tmp_path_factory.mktemp("programs")
    with running_programs(folder, shared_redis) as running:
        yield running
