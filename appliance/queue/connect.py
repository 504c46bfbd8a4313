"""Open the connection to Redis."""

from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from appliance.queue.streams import JobQueue

_ANSWER_TIMEOUT_S = 5.0


def open_queue(url: str, *, username: str, password_file: Path | None) -> JobQueue:
    """Make a queue over `url`; nothing is contacted before the first use.

    Every command is tried once more on a fresh connection, so a restart of Redis is seen as
    a short delay. The password is read from its file and never enters the URL.
    """
    password = None
    if password_file is not None:
        password = password_file.read_text(encoding="utf-8").strip()
    redis: Redis = Redis.from_url(
        url,
        socket_timeout=_ANSWER_TIMEOUT_S,
        socket_connect_timeout=_ANSWER_TIMEOUT_S,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=1),
        health_check_interval=15,
        username=username if password else None,
        password=password,
    )
    return JobQueue(redis)
