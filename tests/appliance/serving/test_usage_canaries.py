"""Words planted in everything a caller sends: none of them, and no hash of them, reaches
the ledger, its export, the status, metrics or logs (case 61)."""

import asyncio
import hashlib
import logging
import random
from pathlib import Path

import httpx
import pytest

from appliance.logs import JsonLines
from offline_license.report_payload import Level
from tests.support.redis_server import RedisServer
from tests.support.serving import API_KEY, Stack, running_stack
from tests.support.serving_fakes import FakeEngine, wav
from tests.support.usage_path import RestartedLicense, metered, sums_of

pytestmark = pytest.mark.long


REQUESTS = 1000
CALLERS = 16
CANARIES = {
    "file": "canary-zebrafile",
    "prompt": "canary zebraprompt",
    "text": "canary zebraspoken",
    "header": "canary-zebraheader",
    "agent": "canary-zebraagent",
    "address": "203.0.113.77",
    "model": "canary-zebramodel",
    "key": API_KEY,
}


def traces() -> list[bytes]:
    """Return each planted word, and its hashes as a ledger might hold them."""
    found = []
    for word in CANARIES.values():
        content = word.encode()
        found.append(content)
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            digest = hashlib.new(name, content).digest()
            found += [digest[:8], digest[:8].hex().encode()]
    return found


async def plant(stack: Stack, chance: random.Random) -> httpx.Response:
    """Send one request with every word in its place."""
    model = chance.choices(["demo", CANARIES["model"]], [1, 24])[0]
    return await stack.client.post(
        "/v1/audio/transcriptions",
        files={"file": (f"{CANARIES['file']}.wav", AUDIO)},
        data={"model": model, "prompt": CANARIES["prompt"], "language": "de"},
        headers={
            "user-agent": CANARIES["agent"],
            "x-forwarded-for": CANARIES["address"],
            "x-note": CANARIES["header"],
        },
    )


AUDIO = wav(0.02)


async def test_no_planted_word_reaches_ledger_export_metrics_or_logs(
    tmp_path: Path, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "anechoic")
    license_, chance = RestartedLicense(tmp_path / "license"), random.Random(61)
    async with running_stack(tmp_path, redis) as stack, metered(stack, license_):
        await stack.start_worker(FakeEngine(text=f" {CANARIES['text']}"))

        async def caller() -> list[int]:
            every = range(REQUESTS // CALLERS + 1)
            return [(await plant(stack, chance)).status_code for _ in every]

        answers = await asyncio.gather(*(caller() for _ in range(CALLERS)))
        api_metrics = (await stack.client.get("/metrics")).content
    codes = [code for answer in answers for code in answer]
    export = license_.keeper.report(Level.HOURLY, 0)
    sums = sums_of(license_.report())
    license_.stop()

    assert sums[:2] == (codes.count(200), codes.count(404))
    license_.start()
    http = license_.site.http(license_.keeper)
    places = [
        export,
        api_metrics,
        (await http.get("/metrics")).content,
        (await http.get("/v1/license")).content,
        "\n".join(map(JsonLines().format, caplog.records)).encode(),
        b"".join(
            path.read_bytes()
            for path in license_.site.config.state.rglob("*")
            if path.is_file()
        ),
    ]
    assert all(places)
    for place in places:
        assert not [trace for trace in traces() if trace in place]
