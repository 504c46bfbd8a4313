"""Serve an application on a socket that is already open, without taking signals."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import time
from typing import TYPE_CHECKING

import uvicorn
from typing_extensions import override

from installer.dashboard import dashboard_app
from installer.engine.durable import PRIVATE_FOLDER, HostFiles
from installer.engine.installed import installed_settings, read_installed
from installer.errors import InstallerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from appliance.paths import HostPaths
    from installer.engine.status import StatusCollector

__all__ = ["Activity", "Dashboard", "listen", "serving"]

_LOG = logging.getLogger("anechoicd")
_GRACE_S = 2
_MEDIUM = "/v1/medium"
_BACKLOG = 64


class Activity:
    """Counts requests, so that an unused engine may leave.

    Attributes:
        wizard: whether a medium was opened; this engine is the only one that
            remembers it, while an operator reads and types.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = 0
        self._last = time.monotonic()
        self.wizard = False

    @property
    def idle_s(self) -> float:
        """Seconds since the last request ended; 0 while one is served."""
        return 0.0 if self._open else time.monotonic() - self._last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        self._open += 1
        self.wizard = self.wizard or scope.get("path") == _MEDIUM
        try:
            await self._app(scope, receive, send)
        finally:
            self._open -= 1
            self._last = time.monotonic()


class _Server(uvicorn.Server):
    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the daemon."""
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve ``app`` inside the block."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
        listener.close()


def listen(paths: HostPaths, files: HostFiles) -> socket.socket:
    """Open the socket of anechoicd, for root only, replacing a dead one."""
    files.directory(paths.run, PRIVATE_FOLDER)
    with contextlib.suppress(FileNotFoundError):
        paths.socket.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(paths.socket))
    finally:
        os.umask(before)
    listener.listen(_BACKLOG)
    return listener


class Dashboard:
    """The web page on 127.0.0.1 while the appliance is installed."""

    def __init__(self, paths: HostPaths, collector: StatusCollector) -> None:
        self._paths = paths
        self._collector = collector
        self._port: int | None = None
        self._refused: int | None = None
        self._stack = contextlib.AsyncExitStack()

    @property
    def ports(self) -> frozenset[int]:
        """The port that is listened on, if any."""
        return frozenset(() if self._port is None else (self._port,))

    async def follow(self) -> None:
        """Start, stop or move with what is installed."""
        wanted = self._wanted()
        if wanted == self._port:
            return
        await self.close()
        if wanted is not None:
            await self._open(wanted)

    def _wanted(self) -> int | None:
        if read_installed(self._paths) is None:
            return None
        try:
            return installed_settings(self._paths).dashboard_port
        except (InstallerError, OSError):
            return None

    async def _open(self, port: int) -> None:
        try:
            listener = socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
        except OSError as error:
            if self._refused != port:
                words = errno.errorcode.get(error.errno or 0, "?")
                _LOG.warning("the dashboard cannot use port %d: %s", port, words)
            self._refused = port
            return
        app = dashboard_app(self._collector.read)
        await self._stack.enter_async_context(serving(app, listener))
        self._port = port

    async def close(self) -> None:
        """Stop serving the page."""
        await self._stack.aclose()
        self._port = None
