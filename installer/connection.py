"""The connection of a viewer to anechoicd: found, checked and, if need be, started.

The engine is started in a session of its own when nobody answers on the socket, so
that the end of a terminal never ends an operation.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from typing import TYPE_CHECKING, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from appliance.paths import HostPaths
from appliance.process import CommandError, run
from installer.engine.supervisor import Systemd
from installer.errors import (
    ENGINE_UNREACHABLE,
    PROGRAM_ON_MEDIUM,
    UNEXPECTED,
    VERSION_MISMATCH,
    ErrorKind,
    InstallerError,
)
from installer.programs import program_of, runs_from_elsewhere
from installer.protocol import PROTOCOL, EngineVersion, ErrorBody

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

__all__ = ["EngineConnection", "EngineRefusedError", "raise_refusal", "spawn_engine"]

_TIMEOUT = httpx.Timeout(connect=2.0, read=300.0, write=30.0, pool=30.0)
_START_S = 30.0
_PAUSE_S = 0.1
_LOG_TAIL_BYTES = 800
_M = TypeVar("_M", bound=BaseModel)


class EngineRefusedError(InstallerError):
    """The engine refused a request; ``findings`` says everything that it found."""

    def __init__(self, body: ErrorBody) -> None:
        found = body.finding
        kind = ErrorKind(found.code, found.title, found.meaning, found.remedy)
        super().__init__(kind, found.evidence)
        self.finding = found
        self.findings = body.findings or (found,)


class EngineConnection:
    """A connection to anechoicd; every method blocks."""

    def __init__(
        self, paths: HostPaths | None = None, *, autostart: bool = True
    ) -> None:
        self._paths = paths or HostPaths.from_environment()
        self._autostart = autostart
        self._http: httpx.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; the engine goes on."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def wait_gone(self, limit_s: float) -> bool:
        """Let go, and wait for an engine that leaves; tell whether it has left."""
        self.close()
        deadline = time.monotonic() + limit_s
        while self._paths.run.exists():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_S)
        return True

    def _ask(
        self,
        model: type[_M],
        method: str,
        path: str,
        body: BaseModel | None = None,
    ) -> _M:
        response = self._send(method, path, body)
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise InstallerError(
                UNEXPECTED,
                f"expected {model.__name__}, found {error.error_count()} faults",
            ) from error

    def _send(
        self, method: str, path: str, body: BaseModel | None = None
    ) -> httpx.Response:
        content = body.model_dump_json() if body is not None else None
        try:
            response = self._client().request(method, path, content=content)
        except httpx.HTTPError as error:
            self.close()
            raise InstallerError(
                ENGINE_UNREACHABLE, f"{self._paths.socket}: {type(error).__name__}"
            ) from error
        if response.is_error:
            raise_refusal(response)
        return response

    def _client(self) -> httpx.Client:
        if not self._paths.socket.exists():
            self.close()  # an engine without work has ended by itself
        if self._http is None:
            client = self._connect()
            if client is None and self._autostart:
                client = self._start_and_connect()
            if client is None:
                raise InstallerError(
                    ENGINE_UNREACHABLE, f"nobody answers on {self._paths.socket}"
                )
            self._http = client
        return self._http

    def _connect(self) -> httpx.Client | None:
        """Return a checked connection, or None when nobody answers."""
        if not _listens(self._paths.socket):
            return None
        transport = httpx.HTTPTransport(uds=str(self._paths.socket))
        client = httpx.Client(
            transport=transport,
            base_url="http://anechoicd",
            timeout=_TIMEOUT,
            trust_env=False,
        )
        try:
            found = EngineVersion.model_validate_json(
                client.get("/v1/version").raise_for_status().content
            )
        except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError):
            client.close()
            return None
        except (httpx.HTTPError, ValidationError):
            client.close()
            raise InstallerError(VERSION_MISMATCH, "it gave no version") from None
        if found.protocol != PROTOCOL:
            client.close()
            raise InstallerError(
                VERSION_MISMATCH,
                f"expected protocol {PROTOCOL}, found {found.protocol} "
                f"of version {found.product_version}, process {found.pid}",
            )
        return client

    def _start_and_connect(self) -> httpx.Client | None:
        if os.geteuid() != 0:
            raise InstallerError(
                ENGINE_UNREACHABLE, "expected root, found another user"
            )
        child = None if start_unit(self._paths) else spawn_engine(self._paths)
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            client = self._connect()
            if client is not None:
                return client
            if child is not None and _ended(child):
                child = None
                deadline = min(deadline, time.monotonic() + _PAUSE_S * 20)
            time.sleep(_PAUSE_S)
        raise InstallerError(ENGINE_UNREACHABLE, _log_tail(self._paths))


def start_unit(paths: HostPaths) -> bool:
    """Let systemd start the engine where its unit is installed."""
    unit = Systemd(paths).unit
    if unit is None or not unit.exists():
        return False
    try:
        run(["systemctl", "start", unit.name], timeout_s=_START_S)
    except CommandError as error:
        raise InstallerError(ENGINE_UNREACHABLE, error.evidence) from error
    return True


def spawn_engine(paths: HostPaths, environment: Mapping[str, str] = os.environ) -> int:
    """Start anechoicd in a new session, logging to its file; return its process id."""
    if runs_from_elsewhere(paths.programs.resolve()):
        raise InstallerError(PROGRAM_ON_MEDIUM, f"it is {sys.executable}")
    log = paths.daemon_log
    log.parent.mkdir(parents=True, exist_ok=True)
    program = program_of("installer.engine.daemon")
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return os.posix_spawn(
            program[0],
            program,
            {
                name: environment[name]
                for name in ("PATH", "ANECHOIC_ROOT", "LANG", "LC_ALL")
                if name in environment
            },
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
        )
    finally:
        os.close(output)


def _listens(path: Path) -> bool:
    """Try the socket by ourselves: httpcore leaks one when nobody answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as first:
        try:
            first.connect(str(path))
        except OSError:
            return False
    return True


def _ended(child: int) -> bool:
    """Tell whether the child has ended; another engine may have won the race."""
    try:
        return os.waitpid(child, os.WNOHANG)[0] == child
    except ChildProcessError:
        return True


def _log_tail(paths: HostPaths) -> str:
    try:
        data = paths.daemon_log.read_bytes()[-_LOG_TAIL_BYTES:]
    except OSError:
        data = b""
    lines = data.decode(errors="replace").strip().splitlines()[-3:]
    return f"{paths.daemon_log}: " + " | ".join(lines)


def raise_refusal(response: httpx.Response) -> None:
    """Raise what a refused request was answered with."""
    try:
        body = ErrorBody.model_validate(json.loads(response.content))
    except (ValueError, ValidationError):
        raise InstallerError(
            UNEXPECTED, f"the engine answered with status {response.status_code}"
        ) from None
    raise EngineRefusedError(body)
