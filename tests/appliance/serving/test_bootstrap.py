"""Containers start in any order: api and asr without the license container (case 52)."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.demo_model import SENTENCE, spoken, wav_of
from tests.support.redis_server import RedisServer
from tests.support.serving import API_KEY
from tests.support.serving_processes import Programs

pytestmark = pytest.mark.long


@pytest.fixture
def alone(tmp_path: Path, redis: RedisServer) -> Iterator[Programs]:
    """Gateway and worker with every file in place, and nobody at the license's port."""
    programs = Programs(tmp_path, redis)
    programs.prepare()
    with contextlib.ExitStack() as stack:
        stack.callback(programs.end)
        programs.start_api()
        programs.start_asr()
        yield programs


def transcribe(programs: Programs) -> httpx.Response:
    return httpx.post(
        f"{programs.url}/v1/audio/transcriptions",
        files={"file": ("a.wav", wav_of(spoken(SENTENCE)))},
        data={"model": "whisper-1"},
        headers={"authorization": f"Bearer {API_KEY}"},
        timeout=60,
        trust_env=False,
    )


def test_services_without_the_license_container_work_and_are_ready(
    alone: Programs,
) -> None:
    """They look at the license themselves; the container takes over when it comes."""
    alone.wait_ready()
    assert alone.components()["license"]["basis"] == "bootstrap"
    assert transcribe(alone).status_code == 200

    alone.start_license()

    alone.wait_for(lambda: alone.components()["license"]["basis"] == "lease")
    assert transcribe(alone).status_code == 200
    assert all(one.poll() is None for one in alone.processes.values())
