"""The internal application on port 8081: workers claim jobs, fetch audio, hand in reports.

Every call carries the worker token. The edge never routes here. Audio goes out in the pieces
in which it came in; reports come in bounded.
"""

import hmac
from collections.abc import AsyncIterator
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from appliance.api.gateway import Gateway
from appliance.api.jobs import Commit
from appliance.api.public import health_body
from appliance.logs import event, logger_for, trouble
from appliance.queue import Report, WireError, dumps, loads

_LOG = logger_for("api.internal")
_REPORT_BYTES: Final = 64 * 1024 * 1024
_STATUS: Final = {Commit.DONE: 200, Commit.STALE: 409, Commit.GONE: 404}


class Internal:
    """The handlers; each checks the token first."""

    def __init__(self, gateway: Gateway, token: str) -> None:
        """Serve the jobs of `gateway` to whoever holds `token`."""
        self._gateway = gateway
        self._expected = f"Bearer {token}".encode()

    def application(self) -> Starlette:
        """Build the application."""
        job = "/internal/jobs/{job_id}"
        return Starlette(
            routes=[
                Route(f"{job}/claim", self.claim, methods=["POST"]),
                Route(f"{job}/audio", self.audio, methods=["GET"]),
                Route(f"{job}/report", self.report, methods=["POST"]),
                Route("/health", self.health, methods=["GET"]),
                Route("/metrics", self.metrics, methods=["GET"]),
            ]
        )

    async def claim(self, request: Request) -> Response:
        """Give a job to the worker that names itself in the query."""
        if not self._knows(request):
            return Response(status_code=401)
        worker = request.query_params.get("worker", "")[:100]
        claim = self._gateway.jobs.claim(request.path_params["job_id"], worker)
        if claim is None:
            return Response(status_code=404)
        return Response(dumps(claim), media_type="application/json")

    async def audio(self, request: Request) -> Response:
        """Send the audio of a claimed job."""
        if not self._knows(request):
            return Response(status_code=401)
        fence = request.query_params.get("fence", "")
        audio = self._gateway.jobs.audio(
            request.path_params["job_id"], int(fence) if fence.isdecimal() else -1
        )
        if audio is None:
            return Response(status_code=404)
        return StreamingResponse(
            _pieces(audio),
            media_type="application/octet-stream",
            headers={"content-length": str(sum(map(len, audio)))},
        )

    async def report(self, request: Request) -> Response:
        """Take what a worker made of a job."""
        if not self._knows(request):
            return Response(status_code=401)
        body = await _bounded(request)
        if body is None:
            return Response(status_code=413)
        try:
            report = loads(Report, body)
        except WireError:
            trouble(_LOG, "report.unreadable", job=request.path_params["job_id"])
            return Response(status_code=400)
        job_id = request.path_params["job_id"]
        commit = self._gateway.jobs.commit(job_id, report)
        self._gateway.metrics.reports.labels(commit.value).inc()
        event(_LOG, f"report.{commit.value}", job=job_id, worker=report.worker)
        return Response(status_code=_STATUS[commit])

    async def health(self, _: Request) -> Response:
        """Say how the gateway is."""
        return JSONResponse(health_body(self._gateway))

    async def metrics(self, _: Request) -> Response:
        """Expose the counters to Prometheus."""
        metrics = self._gateway.metrics
        return Response(metrics.render(), media_type=metrics.content_type)

    def _knows(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, self._expected)


async def _pieces(audio: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    for piece in audio:
        yield piece


async def _bounded(request: Request) -> bytes | None:
    """Read a body of at most `_REPORT_BYTES`, or None."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _REPORT_BYTES:
            return None
    return bytes(body)
