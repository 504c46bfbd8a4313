"""Real Redis, real listeners and small audio for the tests of the serving programs."""

import asyncio
import contextlib
import io
import json
import hashlib
import math
import shutil
import struct
import subprocess
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path

import httpx
import redis

from appliance.api.gateway import Gateway
from appliance.api.server import listen, serve
from appliance.api.settings import ApiSettings
from appliance.asr.decode import SAMPLE_RATE, Samples
from appliance.asr.engine import Engine, EngineInfo
from appliance.asr.errors import JobCanceledError
from appliance.asr.gateway import GatewayClient
from appliance.asr.metrics import AsrMetrics
from appliance.asr.settings import AsrSettings
from appliance.asr.state import WorkerState
from appliance.asr.worker import Worker
from appliance.permits import Permission
from appliance.queue import (
    JobQueue,
    Segment,
    SpeechRequest,
    Transcript,
    Word,
    open_queue,
)

PASSWORD = "redis-password-of-the-tests"
WORKER_TOKEN = "worker-token-of-the-tests"
API_KEY = "anx_" + "k" * 43


# ------------------------------------------------------------------------ Redis


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
        self.password_file.write_text(PASSWORD + "\n")
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
        wait_until(self._answers, timeout_s=20)

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


def wait_until(condition: Callable[[], bool], *, timeout_s: float = 10) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("the condition did not come true in time")
        time.sleep(0.01)


async def until(condition: Callable[[], bool], *, timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)


# ---------------------------------------------------------------------- license


class LicenseState(IntEnum):
    VALID = 2
    RESTRICTED = 5


@dataclass(slots=True)
class FakePermission:
    allowed: bool = True
    reason_code: str = ""
    state: IntEnum | None = LicenseState.VALID
    max_jobs: int | None = None
    http_status: int = 0


@dataclass(slots=True)
class FakePermits:
    """A license that tests switch on and off."""

    now: FakePermission = field(default_factory=FakePermission)

    def permission(self) -> Permission:
        return self.now

    def restrict(self) -> None:
        self.now = FakePermission(False, "ANX-LIC-33", LicenseState.RESTRICTED, 0, 403)

    def forget(self) -> None:
        self.now = FakePermission(False, "ANX-LIC-35", None, None, 503)

    def allow(self) -> None:
        self.now = FakePermission()


# ----------------------------------------------------------------------- engine


@dataclass(slots=True)
class FakeEngine:
    """Says the same words for every audio; tests hold it, break it, and count its calls."""

    text: str = " alpha bravo"
    info: EngineInfo = field(
        default_factory=lambda: EngineInfo(
            name="demo",
            version="1",
            languages=("en", "de"),
            detects_language=True,
            device="cpu",
            compute_type="int8",
        )
    )
    calls: list[SpeechRequest] = field(default_factory=list)
    held: bool = False
    failure: Exception | None = None

    def transcribe(
        self,
        samples: Samples,
        request: SpeechRequest,
        *,
        keep_going: Callable[[], bool],
    ) -> Transcript:
        self.calls.append(request)
        while self.held:
            if not keep_going():
                raise JobCanceledError
            time.sleep(0.005)
        if self.failure is not None:
            raise self.failure
        duration_s = len(samples) / SAMPLE_RATE
        return Transcript(
            language=request.language or "en",
            language_probability=1.0,
            duration_s=duration_s,
            segments=(segment(self.text, 0.5, max(0.5, duration_s)),),
        )


def segment(text: str, start_s: float, end_s: float) -> Segment:
    words = text.split()
    step = (end_s - start_s) / max(1, len(words))
    return Segment(
        text=text,
        start_s=start_s,
        end_s=end_s,
        tokens=(1, 2, 3),
        seek=0,
        temperature=0.0,
        avg_logprob=-0.2,
        compression_ratio=1.1,
        no_speech_prob=0.01,
        words=tuple(
            Word(f" {word}", start_s + at * step, start_s + (at + 1) * step, 0.9)
            for at, word in enumerate(words)
        ),
    )


# ------------------------------------------------------------------------ audio


def wav(
    seconds: float, *, rate: int = 16_000, channels: int = 1, hertz: float = 440
) -> bytes:
    """A tone as a WAV file; `hertz=0` is silence."""
    count = int(seconds * rate)
    tone = (int(9000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(count))
    samples = b"".join(struct.pack("<h", value) * channels for value in tone)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return buffer.getvalue()


# ------------------------------------------------------------------------ stack


def api_settings(folder: Path, server: RedisServer) -> ApiSettings:
    return ApiSettings(
        instance="api-1",
        advertise_url="http://127.0.0.1:1",
        redis_url=server.url,
        redis_username="anechoic",
        redis_password_file=server.password_file,
        worker_token_file=folder / "token",
        license_url="http://127.0.0.1:1",
        license_anchor=folder / "anchor",
        keys_file=folder / "keys.json",
        host="127.0.0.1",
        port=0,
        internal_host="127.0.0.1",
        internal_port=0,
        max_upload_bytes=2 * 1024 * 1024,
        memory_bytes=8 * 1024 * 1024,
        max_jobs=16,
        request_timeout_s=30,
        body_timeout_s=5,
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
        license_url="http://127.0.0.1:1",
        license_anchor=folder / "anchor",
        model_dir=folder / "model",
        device="cpu",
        compute_type="auto",
        cpu_threads=1,
        slots=1,
        max_audio_s=60,
        lease_s=1,
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

    async def start_worker(self, engine: Engine, name: str = "asr-1") -> RunningWorker:
        settings = replace(asr_settings(self.folder, self.server), instance=name)
        queue, client = self.server.queue(), GatewayClient(WORKER_TOKEN, name)
        state, stop = WorkerState(stall_s=settings.stall_s), asyncio.Event()
        state.engine = engine.info
        worker = Worker(
            settings,
            queue,
            client,
            engine,
            self.permits,
            state=state,
            metrics=AsrMetrics(),
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
        async with asyncio.timeout(10):
            while name not in {w.worker for w in self.gateway.roster.workers}:
                await self.gateway.tick()
                await asyncio.sleep(0.01)

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
    folder: Path, server: RedisServer, **changes: object
) -> AsyncIterator[Stack]:
    """Start a gateway; end it and every worker when the test is over."""
    public, internal = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    url, internal_url = (
        f"http://127.0.0.1:{sock.getsockname()[1]}" for sock in (public, internal)
    )
    settings = replace(
        api_settings(folder, server), advertise_url=internal_url, **changes
    )  # type: ignore[arg-type]
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
        timeout=30,
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
        await asyncio.wait_for(serving, 20)
        await queue.close()
