"""The HTTP face of the license container, for the core network only.

GET  /health      200 as long as the program runs, whatever the license says
GET  /v1/license  the state, the dates, and what was refused and why
POST /v1/leases   a lease with the chain it is traced through
GET  /metrics     Prometheus
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from appliance.leases.wire import DemoOffer, LeaseAsk
from appliance.license_proxy.metrics import render_metrics
from appliance.license_proxy.status import status_json
from appliance.license_proxy.tries import Tries
from offline_license.errors import DecodeError, LicenseError
from offline_license.refusals import refusal
from offline_license.summary import error_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from appliance.license_proxy.keeper import Keeper, View

__all__ = ["create_app"]

_TICK_S = 5.0
_MAX_ASK_BYTES = 4096
_NO_LICENSE = "ANX-LIC-31"


def create_app(keeper: Keeper, *, tick_s: float = _TICK_S) -> Starlette:
    """Build the application.

    Args:
        keeper: holds the license.
        tick_s: seconds between looks at files and clocks.
    """
    face = _Face(keeper)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_tick_forever(keeper, tick_s))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            keeper.close()

    return Starlette(
        routes=[
            Route("/health", face.health),
            Route("/v1/license", face.license),
            Route("/v1/license/extension", face.extend, methods=["POST"]),
            Route("/v1/leases", face.lease, methods=["POST"]),
            Route("/metrics", face.metrics),
        ],
        lifespan=lifespan,
    )


async def _tick_forever(keeper: Keeper, tick_s: float) -> None:
    while True:
        await asyncio.sleep(tick_s)
        keeper.refresh()


class _Face:
    """The handlers."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._tries = Tries()

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def license(self, _: Request) -> Response:
        return JSONResponse(status_json(self._keeper.refresh()))

    async def extend(self, request: Request) -> Response:
        wait_s = self._tries.take(self._keeper.run_s())
        if wait_s:
            return JSONResponse(
                {"retry_after_s": wait_s},
                status_code=429,
                headers={"Retry-After": str(wait_s)},
            )
        try:
            view = self._keeper.extend(_code(await _body(request)))
        except LicenseError as error:
            return JSONResponse(error_json(error), status_code=400)
        return JSONResponse(status_json(view))

    async def metrics(self, _: Request) -> Response:
        text = render_metrics(self._keeper.refresh())
        return Response(text, media_type="text/plain; version=0.0.4")

    async def lease(self, request: Request) -> Response:
        body = await _body(request)
        try:
            ask = LeaseAsk.from_json(body)
            answer = self._keeper.lease(ask)
        except LicenseError as error:
            return JSONResponse(error_json(error), status_code=400)
        if isinstance(answer, DemoOffer):
            return _no_license(self._keeper.refresh(), answer)
        return JSONResponse(answer.to_json())


async def _body(request: Request) -> bytes:
    """Read a body up to a cap; what is longer cannot be a question."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_ASK_BYTES:
            break
    return body[: _MAX_ASK_BYTES + 1]


def _code(body: bytes) -> str:
    """Read the code out of a body.

    Raises:
        DecodeError: it is no JSON object with a code.
    """
    try:
        found = json.loads(body)["code"]
    except (ValueError, RecursionError, KeyError, TypeError, IndexError) as error:
        raise DecodeError("expected a JSON object with a code") from error
    if not isinstance(found, str):
        raise DecodeError("expected a code that is text")
    return found


def _no_license(view: View, offer: DemoOffer) -> Response:
    """Say that there is nothing to lease from, what was refused, what works anyway."""
    words = refusal(_NO_LICENSE)
    return JSONResponse(
        {
            "code": words.code,
            "title": words.title,
            "evidence": "; ".join(map(str, view.site.problems.values())),
            "meaning": words.meaning,
            "remedy": words.remedy,
            "demo": offer.to_json(),
        },
        status_code=403,
    )
