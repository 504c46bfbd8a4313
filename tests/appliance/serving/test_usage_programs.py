"""Usage on its way between real processes: drained at a stop, kept over an outage."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.redis_server import RedisServer
from tests.support.serving import API_KEY
from tests.support.serving_fakes import wav
from tests.support.serving_processes import Programs

pytestmark = pytest.mark.long


REQUESTS = 5


@pytest.fixture
def programs(tmp_path: Path, shared_redis: RedisServer) -> Iterator[Programs]:
    """A gateway and a license container; without workers every request is refused."""
    started = Programs(tmp_path, shared_redis)
    started.prepare()
    try:
        started.start_license()
        started.start_api()
        started.wait_for(lambda: started.components()["license"]["ok"])
        yield started
    finally:
        started.end()


def ask(programs: Programs) -> int:
    answer = httpx.post(
        f"{programs.url}/v1/audio/transcriptions",
        files={"file": ("a.wav", wav(0.1))},
        data={"model": "demo"},
        headers={"authorization": f"Bearer {API_KEY}"},
        trust_env=False,
    )
    return answer.status_code


def ledger(programs: Programs) -> dict[str, Any]:
    url = f"http://127.0.0.1:{programs.ports['license']}/v1/license"
    return dict(httpx.get(url, trust_env=False).json()["ledger"])


def test_a_gateway_told_to_stop_brings_its_counts_first(programs: Programs) -> None:
    codes = [ask(programs) for _ in range(REQUESTS)]

    programs.signal("api", signal.SIGTERM)

    assert programs.wait("api") == 0
    assert codes == [503] * REQUESTS
    assert ledger(programs)["since_ack"]["refused"] == REQUESTS
    assert "usage.drained" in programs.log("api")


def test_counts_outlive_a_killed_license_container(programs: Programs) -> None:
    """kill -9 between two batches: what was acknowledged is on the disk."""
    ask(programs)
    programs.wait_for(lambda: ledger(programs)["since_ack"]["refused"] == 1)
    programs.signal("license", signal.SIGKILL)
    programs.wait("license")
    ask(programs)
    programs.start_license()

    programs.wait_for(lambda: ledger(programs)["since_ack"]["refused"] == 2)


def test_each_line_of_the_license_container_is_json(programs: Programs) -> None:
    programs.signal("license", signal.SIGTERM)
    programs.wait("license")

    lines = [json.loads(line) for line in programs.log("license").splitlines()]

    assert lines[0]["event"] == "state.changed"
    assert all({"time", "level", "from", "event"} <= set(line) for line in lines)
