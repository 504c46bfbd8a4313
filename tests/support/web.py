"""Serve the dashboard for a real browser, from a status that a test can change."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from installer.dashboard import dashboard_app
from tests.support.statuses import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.protocol import Status


@dataclass(slots=True)
class Site:
    """A dashboard that is being served; `status` None makes the engine fail."""

    url: str
    status: Status | None

    async def get_status(self) -> Status:
        """Give the status of now."""
        if self.status is None:
            raise ConnectionRefusedError
        return self.status


@contextmanager
def served_dashboard(status: Status) -> Iterator[Site]:
    """Serve on a free port of the loopback interface."""
    listening = socket.create_server(("127.0.0.1", 0))
    site = Site(f"http://127.0.0.1:{listening.getsockname()[1]}", status)
    app = dashboard_app(site.get_status, wall=NOW.timestamp, max_age_s=0.0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield site
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
