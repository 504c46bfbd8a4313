"""A gateway on loopback ports over a real Redis, with workers, in the loop of the test."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from appliance.api.gateway import Gateway
from appliance.api.server import listen, serve
from appliance.api.settings import ApiSettings
from appliance.asr.engine import Engine
from appliance.asr.gateway import GatewayClient
from appliance.asr.metrics import AsrMetrics
from appliance.asr.parts import Parts
from appliance.asr.settings import AsrSettings
from appliance.asr.state import WorkerState
from appliance.asr.worker import Worker
from appliance.permits import LicenseSettings
from tests.support.redis_server import RedisServer
from tests.support.serving_fakes import FakePermits, wav

WORKER_TOKEN = "worker-token-of-the-tests"
API_KEY = "anx_" + "k" * 43


async def until(condition: Callable[[], bool], *, timeout_s: float = 60) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.005)


def api_settings(folder: Path, server: RedisServer) -> ApiSettings:
    return ApiSettings(
        instance="api-1",
        advertise_url="http://127.0.0.1:1",
        redis_url=server.url,
        redis_username="anechoic",
        redis_password_file=server.password_file,
        worker_token_file=folder / "token",
        license=LicenseSettings(
            "http://127.0.0.1:1", folder / "anchor", folder / "public"
        ),
        keys_file=folder / "keys.json",
        host="127.0.0.1",
        port=0,
        internal_host="127.0.0.1",
        internal_port=0,
        max_upload_bytes=2 * 1024 * 1024,
        memory_bytes=8 * 1024 * 1024,
        max_jobs=16,
        request_timeout_s=120,
        body_timeout_s=60,
        worker_grace_s=5,
        drain_s=10,
        model_aliases=("whisper-1",),
        log_level="INFO",
    )


def asr_settings(folder: Path, server: RedisServer) -> AsrSettings:
    return AsrSettings(
        instance="asr-1",
        redis_url=server.url,
        redis_username="anechoic",
        redis_password_file=server.password_file,
        worker_token_file=folder / "token",
        license=LicenseSettings(
            "http://127.0.0.1:1", folder / "anchor", folder / "public"
        ),
        model_dir=folder / "model",
        device="cpu",
        compute_type="auto",
        cpu_threads=1,
        slots=1,
        max_audio_s=60,
        lease_s=3,
        drain_s=10,
        stall_s=30,
        host="127.0.0.1",
        port=0,
        log_level="INFO",
    )


def write_keys(path: Path, *keys: str) -> None:
    rows = [
        {
            "id": f"key-{at}",
            "name": f"test {at}",
            "sha256": hashlib.sha256(key.encode()).hexdigest(),
            "created": "2026-01-01T00:00:00Z",
        }
        for at, key in enumerate(keys)
    ]
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"version": 1, "keys": rows}))
    fresh.replace(path)


async def eventually(
    ask: Callable[[], Awaitable[object]], *, timeout_s: float = 60
) -> None:
    """Ask until the answer is true."""
    async with asyncio.timeout(timeout_s):
        while not await ask():  # noqa: ASYNC110 - any question
            await asyncio.sleep(0.01)


@dataclass(slots=True)
class RunningWorker:
    worker: Worker
    engine: Engine
    state: WorkerState
    stop: asyncio.Event
    task: "asyncio.Task[None]"

    def kill(self) -> None:
        """End the worker as a power cut would: nothing is handed back."""
        self.task.cancel()


@dataclass(slots=True)
class Stack:
    """A gateway on loopback ports over a real Redis, and the workers a test starts."""

    folder: Path
    server: RedisServer
    settings: ApiSettings
    gateway: Gateway
    permits: FakePermits
    url: str
    internal_url: str
    stop: asyncio.Event
    serving: "asyncio.Task[None]"
    client: httpx.AsyncClient
    workers: list[RunningWorker] = field(default_factory=list)

    async def start_worker(
        self, engine: Engine, name: str = "asr-1", permits: FakePermits | None = None
    ) -> RunningWorker:
        settings = replace(asr_settings(self.folder, self.server), instance=name)
        queue, client = self.server.queue(), GatewayClient(WORKER_TOKEN, name)
        state, stop = WorkerState(stall_s=settings.stall_s), asyncio.Event()
        state.engine = engine.info
        worker = Worker(
            Parts(
                settings,
                queue,
                client,
                engine,
                permits or self.permits,
                state,
                AsrMetrics(),
            )
        )

        async def run() -> None:
            try:
                await worker.run(stop)
            finally:
                await client.close()
                await queue.close()

        running = RunningWorker(worker, engine, state, stop, asyncio.create_task(run()))
        self.workers.append(running)
        await self.sees(name)
        return running

    async def sees(self, name: str) -> None:
        """Wait until the gateway knows a worker of this name."""
        async with asyncio.timeout(60):
            await self.gateway.tick()
            while not self._knows(name):
                await asyncio.sleep(0.01)
                await self.gateway.tick()

    def _knows(self, name: str) -> bool:
        roster = self.gateway.roster
        return roster.redis_answers and name in {w.worker for w in roster.workers}

    async def transcribe(
        self, audio: bytes | None = None, **fields: str
    ) -> httpx.Response:
        return await self.client.post(
            "/v1/audio/transcriptions",
            files={"file": ("a.wav", wav(1) if audio is None else audio)},
            data={"model": "demo", **fields},
        )


@contextlib.asynccontextmanager
async def running_stack(
    folder: Path,
    server: RedisServer,
    **changes: Any,  # noqa: ANN401 - any setting
) -> AsyncIterator[Stack]:
    """Start a gateway; end it and every worker when the test is over."""
    public, internal = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    url, internal_url = (
        f"http://127.0.0.1:{sock.getsockname()[1]}" for sock in (public, internal)
    )
    settings = replace(
        api_settings(folder, server), advertise_url=internal_url, **changes
    )
    write_keys(settings.keys_file, API_KEY)
    permits, queue, stop = FakePermits(), server.queue(), asyncio.Event()
    gateway = Gateway(settings, queue, permits)
    serving = asyncio.create_task(
        serve(
            gateway,
            worker_token=WORKER_TOKEN,
            public=public,
            internal=internal,
            stop=stop,
        )
    )
    client = httpx.AsyncClient(
        base_url=url,
        headers={"authorization": f"Bearer {API_KEY}"},
        timeout=120,
        trust_env=False,
    )
    stack = Stack(
        folder,
        server,
        settings,
        gateway,
        permits,
        url,
        internal_url,
        stop,
        serving,
        client,
    )
    try:
        await until(lambda: gateway.roster.redis_answers)
        yield stack
    finally:
        await client.aclose()
        for running in stack.workers:
            running.kill()
        tasks = [running.task for running in stack.workers]
        await asyncio.gather(*tasks, return_exceptions=True)
        stop.set()
        await asyncio.wait_for(serving, 60)
        await queue.close()
