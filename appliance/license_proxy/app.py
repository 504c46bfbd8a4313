"""The HTTP face of the license container, for the core network and the engine only.

GET  /health                200 as long as the program runs, whatever the license says
GET  /v1/license            the state, the dates, and what was refused and why
POST /v1/license/extension  redeem an emergency code
POST /v1/license/clock      a person has looked at date and time
POST /v1/license/restored   a person restored a backup on purpose
POST /v1/license/drill      show the banners of grace for some minutes
POST /v1/leases             a lease with the chain it is traced through
POST /v1/usage              a batch of finished requests, for the ledger
GET  /v1/usage/report       the signed report; never gated
GET  /metrics               Prometheus
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from appliance.leases.wire import DemoOffer, LeaseAsk
from appliance.license_proxy.bodies import read_body, read_number, read_text
from appliance.license_proxy.metrics import render_metrics
from appliance.license_proxy.status import status_json
from appliance.license_proxy.tries import Tries
from appliance.usage_wire import MOST_BYTES as MOST_USAGE_BYTES
from appliance.usage_wire import UsageBatch
from offline_license.errors import DecodeError, KeyFileError, LicenseError
from offline_license.refusals import refusal
from offline_license.report_payload import Level
from offline_license.summary import error_json
from offline_license.tolerances import TOLERANCES
from offline_license.usage import LARGEST_UINT32

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from appliance.license_proxy.keeper import Keeper, View

__all__ = ["create_app"]

_TICK_S = 5.0
_NO_LICENSE = "ANX-LIC-31"
_INDEX = re.compile(r"[0-9]{1,10}")
_REPORT_TYPE = "application/vnd.dsse+json"


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
            _post("/v1/license/extension", face.extend),
            _post("/v1/license/clock", face.confirm_clock),
            _post("/v1/license/restored", face.restored),
            _post("/v1/license/drill", face.drill),
            _post("/v1/leases", face.lease),
            _post("/v1/usage", face.count),
            Route("/v1/usage/report", face.report),
            Route("/metrics", face.metrics),
        ],
        exception_handlers={LicenseError: _refuse},
        lifespan=lifespan,
    )


def _post(path: str, answer: Callable[[Request], Awaitable[Response]]) -> Route:
    return Route(path, answer, methods=["POST"])


async def _tick_forever(keeper: Keeper, tick_s: float) -> None:
    while True:
        await asyncio.sleep(tick_s)
        keeper.refresh()


class _Face:
    """The handlers; a `LicenseError` becomes a finding with status 400."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._tries = Tries()

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def license(self, _: Request) -> Response:
        return _status(self._keeper.refresh())

    async def extend(self, request: Request) -> Response:
        wait_s = self._tries.take(self._keeper.run_s())
        if wait_s:
            return JSONResponse(
                {"retry_after_s": wait_s},
                status_code=HTTPStatus.TOO_MANY_REQUESTS,
                headers={"Retry-After": str(wait_s)},
            )
        code = read_text(await read_body(request), "code")
        return _status(self._keeper.extend(code))

    async def confirm_clock(self, request: Request) -> Response:
        return _status(self._keeper.confirm_clock(await _uid(request)))

    async def restored(self, request: Request) -> Response:
        return _status(self._keeper.restored(await _uid(request)))

    async def drill(self, request: Request) -> Response:
        most = TOLERANCES.drill_minutes
        minutes = read_number(await read_body(request), "minutes", most)
        return _status(self._keeper.drill(minutes))

    async def lease(self, request: Request) -> Response:
        answer = self._keeper.lease(LeaseAsk.from_json(await read_body(request)))
        if isinstance(answer, DemoOffer):
            return _no_license(self._keeper.refresh(), answer)
        return JSONResponse(answer.to_json())

    async def count(self, request: Request) -> Response:
        batch = UsageBatch.from_json(await read_body(request, MOST_USAGE_BYTES))
        return JSONResponse({"number": self._keeper.count(batch)})

    async def report(self, request: Request) -> Response:
        level, since = _wanted(request)
        return Response(self._keeper.report(level, since), media_type=_REPORT_TYPE)

    async def metrics(self, _: Request) -> Response:
        text = render_metrics(self._keeper.refresh())
        return Response(text, media_type="text/plain; version=0.0.4")


async def _uid(request: Request) -> int:
    return read_number(await read_body(request), "uid", LARGEST_UINT32)


def _wanted(request: Request) -> tuple[Level, int]:
    """Read which report is wanted.

    Raises:
        DecodeError: there is none of this level, or the index is no number.
    """
    level = request.query_params.get("level", Level.HOURLY)
    since = request.query_params.get("since", "0")
    if level not in set(Level) or not _INDEX.fullmatch(since):
        raise DecodeError("expected the level hourly or daily, and an index from 0")
    return Level(level), int(since)


def _status(view: View) -> Response:
    return JSONResponse(status_json(view))


async def _refuse(_: Request, error: Exception) -> Response:
    """Answer with the finding; 503 where it is not the asker's fault."""
    if not isinstance(error, LicenseError):
        raise error
    ours = isinstance(error, KeyFileError)
    status = HTTPStatus.SERVICE_UNAVAILABLE if ours else HTTPStatus.BAD_REQUEST
    return JSONResponse(error_json(error), status_code=status)


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
        status_code=HTTPStatus.FORBIDDEN,
    )
