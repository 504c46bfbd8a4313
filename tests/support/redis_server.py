"""A real Redis for tests, with the access list of the product and nothing on disk."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from appliance.queue import JobQueue, open_queue

PASSWORD = "redis-password-of-the-tests"


@dataclass(slots=True)
class RedisServer:
    """A Redis on a unix socket with the access list of the product, nothing on disk."""

    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    @property
    def password_file(self) -> Path:
        return self.folder / "password"

    def start(self) -> None:
        self.write_password()
        (self.folder / "acl").write_text(
            "user default on nopass resetchannels -@all +ping\n"
            f"user anechoic on >{PASSWORD} resetchannels ~anechoic:* +@all -@admin"
            " -@dangerous +info\n"
            f"user tester on >{PASSWORD} allchannels allkeys +@all\n"
        )
        self.process = subprocess.Popen(
            [
                "redis-server",
                *("--port", "0", "--unixsocket", str(self.folder / "redis.sock")),
                *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
                *("--aclfile", str(self.folder / "acl")),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, timeout_s=60)

    def write_password(self) -> None:
        self.password_file.write_text(PASSWORD + "\n")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def admin(self) -> "redis.Redis":
        return redis.Redis(
            unix_socket_path=str(self.folder / "redis.sock"),
            username="tester",
            password=PASSWORD,
        )

    def queue(self) -> JobQueue:
        return open_queue(
            self.url, username="anechoic", password_file=self.password_file
        )

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), self.admin() as client:
            return bool(client.ping())
        return False


@contextlib.contextmanager
def redis_server() -> Iterator[RedisServer]:
    folder = Path(tempfile.mkdtemp(prefix="anx-redis-", dir="/tmp"))
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def wait_until(condition: Callable[[], bool], *, timeout_s: float = 60) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("the condition did not come true in time")
        time.sleep(0.01)


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(name="redis")
def empty_redis(shared_redis: RedisServer) -> RedisServer:
    """The Redis of the session, emptied for this test."""
    with shared_redis.admin() as client:
        client.flushall()
    return shared_redis
