"""The web application: four files, two JSON documents and the metrics.

Bound to 127.0.0.1 by whoever serves it; reached from afar through an SSH tunnel.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from installer.dashboard.guard import Guard
from installer.dashboard.metrics import render_metrics
from installer.dashboard.page import build_page
from installer.dashboard.snapshot import Snapshot, SnapshotError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.requests import Request

    from installer.protocol import Status

_ASSETS: Final = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/assets/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/assets/page.css": ("page.css", "text/css; charset=utf-8"),
    "/assets/icon.svg": ("icon.svg", "image/svg+xml"),
}
_METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def dashboard_app(
    get_status: Callable[[], Awaitable[Status]],
    *,
    wall: Callable[[], float] = time.time,
    max_age_s: float = 2.0,
) -> Starlette:
    """Build the application.

    Args:
        get_status: asks the engine.
        wall: seconds since 1970.
        max_age_s: how long one answer of the engine serves all viewers.
    """
    snapshot = Snapshot(get_status, max_age_s=max_age_s)

    async def status(_request: Request) -> Response:
        found = await snapshot.get()
        return JSONResponse(found.model_dump(mode="json"))

    async def page(_request: Request) -> Response:
        found = await snapshot.get()
        return JSONResponse(asdict(build_page(found, now=wall())))

    async def metrics(_request: Request) -> Response:
        found = await snapshot.get()
        text = render_metrics(found, now=wall())
        return Response(text, media_type=_METRICS_TYPE)

    return Starlette(
        routes=[
            *_asset_routes(),
            Route("/api/status", status, methods=["GET"]),
            Route("/api/page", page, methods=["GET"]),
            Route("/metrics", metrics, methods=["GET"]),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={SnapshotError: _unavailable},
    )


async def _unavailable(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"The engine gives no status: {error}\n", 503)


def _asset_routes() -> Iterator[Route]:
    folder = files("installer.dashboard") / "assets"
    for path, (name, media_type) in _ASSETS.items():
        content = (folder / name).read_bytes()
        yield Route(path, _asset(content, media_type), methods=["GET"])


def _asset(content: bytes, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        return Response(content, media_type=media_type)

    return endpoint
