"""A site: an isolated host as its operator sees it, through the commands alone."""

import json
import os
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from typing_extensions import override

from tests.demo.phases import PROGRAMS, ROOT, Demo
from tests.demo.vendor import Vendor


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended."""

    status: int
    output: str
    errors: str

    def json_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.splitlines() if line]

    @override
    def __str__(self) -> str:
        return f"status {self.status}\n{self.output}\n{self.errors}"


@dataclass(slots=True)
class Site:
    """An installation below a folder of its own, beside nothing else on the machine."""

    root: Path
    vendor: Vendor
    port: int = field(default_factory=free_port)
    dashboard_port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def license(self) -> Path:
        return self.root / "carried/host.alic"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "ANECHOIC_ROOT": str(self.root), "NO_COLOR": "1"}

    def run(
        self, *arguments: str | Path, timeout_s: float = 600, given: str = ""
    ) -> Done:
        """Run `anechoic` to its end; never raises on its status.

        Args:
            arguments: words after the name of the program.
            timeout_s: after which the test fails.
            given: what it reads from standard input.
        """
        done = subprocess.run(
            [PROGRAMS / "anechoic", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
            input=given,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def get_license(self, *, days: int = 365) -> Path:
        """Carry a request to the vendor and its license back."""
        request = self.root / "carried/host.areq"
        request.parent.mkdir(parents=True, exist_ok=True)
        done = self.run("license", "request", "--output", request, "--force")
        assert done.status == 0, done
        self.vendor.issue_license(Demo(), request, self.license, days=days)
        return self.license

    def answers(self, **changes: object) -> Path:
        """Write an answers file for this site."""
        values = {
            "trust": str(self.vendor.anchor),
            "license": str(self.license),
            "port": self.port,
            "dashboard_port": self.dashboard_port,
            **changes,
        }
        path = self.root / "carried/answers.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in values.items()))
        return path

    def install(self, medium: Path | None = None, **changes: object) -> Done:
        """Install, without a terminal, from an answers file."""
        answers = self.answers(**changes)
        source = medium or self.vendor.medium
        return self.run("install", source, "--answers", answers, "--json")

    def status(self) -> dict[str, Any]:
        done = self.run("status", "--json")
        return json.loads(done.output)  # type: ignore[no-any-return]

    def new_key(self, name: str = "journey") -> str:
        path = self.root / f"carried/key-{name}"
        done = self.run("keys", "create", name, "--output", path)
        assert done.status == 0, done
        return path.read_text().strip()

    def engine_pid(self) -> int:
        """Ask the running engine who it is."""
        socket_path = str(self.root / "run/anechoic/anechoicd.sock")
        transport = httpx.HTTPTransport(uds=socket_path)
        with httpx.Client(transport=transport, base_url="http://anechoicd") as client:
            return int(client.get("/v1/version").json()["pid"])

    def uninstall(self) -> Done:
        return self.run("uninstall", "--yes", "--purge")


def docker(*arguments: str) -> str:
    """Run the Docker client and return what it printed."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def our_containers() -> list[str]:
    """Return the names of all containers of any Anechoic on this machine."""
    label = "label=dev.anechoic.service"
    return docker("ps", "-a", "--filter", label, "--format", "{{.Names}}").split()
