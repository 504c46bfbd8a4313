"""The serving programs as real processes on loopback: Redis, license, api and asr.

What a container gets by mounts and addresses, they get by variables; nothing is faked.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.demo_model import MODEL
from tests.support.licensing import Issuer
from tests.support.redis_server import RedisServer, wait_until
from tests.support.serving import API_KEY, WORKER_TOKEN, write_keys

_START_S = 180


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Programs:
    """The processes of one appliance; `logs` is where their output goes."""

    folder: Path
    server: RedisServer
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['api']}"

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def prepare(self) -> None:
        """Write what the installer would write: keys, token, anchor, license."""
        names = ("api", "internal", "asr-1", "asr-2", "license")
        self.ports = {name: free_port() for name in names}
        write_keys(self.folder / "keys.json", API_KEY)
        (self.folder / "token").write_text(WORKER_TOKEN)
        issuer = Issuer(now=int(time.time()) - 60)
        issuer.write_site(self.folder / "license")
        (self.folder / "anchor").write_bytes(issuer.anchor.to_bytes())

    def start_license(self) -> None:
        self.start(
            "license",
            "appliance.license_proxy",
            {
                "ANECHOIC_LICENSE_DIR": str(self.folder / "license"),
                "ANECHOIC_LICENSE_STATE": str(self.folder / "license-state"),
                "ANECHOIC_LICENSE_ANCHOR": str(self.folder / "anchor"),
                "ANECHOIC_LICENSE_PORT": str(self.ports["license"]),
            },
        )

    def start_api(self) -> None:
        internal = self.ports["internal"]
        self.start(
            "api",
            "appliance.api",
            {
                **self._shared("api-1"),
                "ANECHOIC_API_HOST": "127.0.0.1",
                "ANECHOIC_API_PORT": str(self.ports["api"]),
                "ANECHOIC_API_INTERNAL_HOST": "127.0.0.1",
                "ANECHOIC_API_INTERNAL_PORT": str(internal),
                "ANECHOIC_API_ADVERTISE_URL": f"http://127.0.0.1:{internal}",
                "ANECHOIC_API_KEYS_FILE": str(self.folder / "keys.json"),
            },
        )

    def start_asr(self, name: str = "asr-1") -> None:
        self.start(
            name,
            "appliance.asr",
            {
                **self._shared(name),
                "ANECHOIC_ASR_MODEL_DIR": str(MODEL),
                "ANECHOIC_ASR_HOST": "127.0.0.1",
                "ANECHOIC_ASR_PORT": str(self.ports[name]),
                "ANECHOIC_ASR_CPU_THREADS": "1",
                "ANECHOIC_ASR_LEASE_S": "3",
            },
        )

    def start(self, name: str, module: str, variables: dict[str, str]) -> None:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module],
                env=environment | variables,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )

    def wait_ready(self) -> None:
        """Wait until every worker is up and the gateway would accept work.

        The gateway alone is not asked: for a moment it still counts a killed worker.
        """
        for name in [name for name in self.processes if name.startswith("asr")]:
            url = f"http://127.0.0.1:{self.ports[name]}/health"
            self.wait_for(lambda: httpx.get(url, trust_env=False).is_success)  # noqa: B023 - called at once
        self.wait_for(lambda: self.health().json()["ready"] is True)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        def safely() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return condition()
            return False

        wait_until(safely, timeout_s=_START_S)

    def health(self, query: str = "") -> httpx.Response:
        return httpx.get(f"{self.url}/health{query}", trust_env=False)

    def components(self) -> dict[str, dict[str, Any]]:
        """What the gateway says of the parts."""
        components: dict[str, dict[str, Any]] = self.health().json()["components"]
        return components

    def signal(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        self.processes[name].send_signal(number)

    def wait(self, name: str) -> int:
        return self.processes.pop(name).wait(_START_S)

    def end(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()

    def _shared(self, instance: str) -> dict[str, str]:
        return {
            "ANECHOIC_INSTANCE": instance,
            "ANECHOIC_REDIS_URL": self.server.url,
            "ANECHOIC_REDIS_PASSWORD_FILE": str(self.server.password_file),
            "ANECHOIC_WORKER_TOKEN_FILE": str(self.folder / "token"),
            "ANECHOIC_LICENSE_URL": f"http://127.0.0.1:{self.ports['license']}",
            "ANECHOIC_LICENSE_ANCHOR": str(self.folder / "anchor"),
            "ANECHOIC_LICENSE_PUBLIC": str(self.folder / "license" / "public"),
        }


@contextlib.contextmanager
def running_programs(folder: Path, server: RedisServer) -> Iterator[Programs]:
    """Start everything with one worker and wait until it is ready."""
    programs = Programs(folder, server)
    programs.prepare()
    try:
        programs.start_license()
        programs.start_api()
        programs.start_asr()
        programs.wait_ready()
        yield programs
    finally:
        programs.end()
