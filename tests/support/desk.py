"""An operator's shell on a host whose engine runs in a thread of the test."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

from typer.testing import CliRunner, Result

from installer.cli.app import app
from installer.engine.api import build_api
from installer.engine.operations import Operations
from installer.engine.serving import listen, serving
from installer.engine.status import StatusCollector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.engine.site import Site

__all__ = ["Desk", "engine_of"]


class Desk:
    """Runs commands as the operator does."""

    def run(self, *arguments: str, text: str | None = None) -> Result:
        """Run ``anechoic`` with these arguments and this standard input."""
        return CliRunner().invoke(app, list(arguments), input=text)


@contextlib.contextmanager
def engine_of(site: Site) -> Iterator[Desk]:
    """Serve the engine's API of a site on its socket."""
    operations = Operations(site)
    api = build_api(site, operations, StatusCollector(site, operations.current))
    listener = listen(site.paths, site.files)
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(api, listener):
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(20)
        yield Desk()
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(20)
        loop.close()
