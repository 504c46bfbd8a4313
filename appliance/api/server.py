"""Run the two listeners of the gateway in one process, and stop them in the right order.

On SIGTERM the gateway refuses new work but finishes what it has accepted: the public
listener closes first and waits for its requests, the internal one serves the workers until
then.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from appliance.api.gateway import Gateway
from appliance.api.internal import Internal
from appliance.api.keys import KeyStore
from appliance.api.public import build_public
from appliance.logs import event, logger_for
from appliance.queue import end_tasks

_LOG = logger_for("api.server")
_BACKLOG = 1024
_KEEP_ALIVE_S = 75


class _Server(uvicorn.Server):
    """A listener that leaves the signals of the process to us."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Open a listening TCP socket; port 0 takes a free one.

    The protocol is named, because asyncio turns Nagle's algorithm off only then; with it on,
    every answer on a kept connection waits 40 ms for a delayed acknowledgment.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _server(app: ASGIApp, drain_s: int) -> _Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=drain_s,
    )
    return _Server(config)


async def serve(
    gateway: Gateway,
    *,
    worker_token: str,
    public: socket.socket,
    internal: socket.socket,
    stop: asyncio.Event,
) -> None:
    """Serve until `stop` is set and the accepted requests are answered."""
    keys = KeyStore(gateway.settings.keys_file)
    drain_s = gateway.settings.drain_s
    outer = _server(build_public(gateway, keys), drain_s)
    inner = _server(Internal(gateway, worker_token).application(), 1)
    watch = asyncio.create_task(gateway.run())
    async with asyncio.TaskGroup() as group:
        inner_task = group.create_task(inner.serve(sockets=[internal]))
        outer_task = group.create_task(outer.serve(sockets=[public]))
        event(_LOG, "api.started", instance=gateway.settings.instance)
        await stop.wait()
        gateway.draining = True
        event(_LOG, "api.draining", jobs=len(gateway.jobs))
        outer.should_exit = True
        inner.should_exit = not gateway.jobs  # No new one can come any more.
        await outer_task
        inner.should_exit = True
        await inner_task
    await end_tasks(watch)
    event(_LOG, "api.stopped")


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
