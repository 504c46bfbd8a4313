"""Give every request an id, count it, time it and log it: a plain ASGI layer."""

import re
import secrets
import time
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.api.metrics import ApiMetrics
from appliance.logs import event, logger_for

_LOG = logger_for("api.requests")
_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ENDPOINTS: Final = frozenset(
    {"/v1/audio/transcriptions", "/v1/models", "/health", "/metrics"}
)
_QUIET: Final = frozenset({"/health", "/metrics"})


class Observed:
    """Wraps an application; `receive` is passed through untouched."""

    def __init__(self, app: ASGIApp, metrics: ApiMetrics) -> None:
        """Wrap `app` and count into `metrics`."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass anything else through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = time.monotonic()
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        status = 499  # What remains when the caller hung up before an answer.

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._note(scope, request_id, status, time.monotonic() - started_s)

    def _note(self, scope: Scope, request_id: str, status: int, taken_s: float) -> None:
        path = scope["path"]
        endpoint = path if path in _ENDPOINTS else "other"
        self._metrics.requests.labels(endpoint, str(status)).inc()
        self._metrics.request_seconds.labels(endpoint).observe(taken_s)
        if endpoint not in _QUIET:
            event(
                _LOG,
                "request.done",
                request=request_id,
                endpoint=endpoint,
                status=status,
                seconds=round(taken_s, 4),
                key=scope["state"].get("key_id"),
                job=scope["state"].get("job_id"),
            )


def _request_id(headers: Headers) -> str:
    """Take the caller's id when it is harmless, else make one."""
    given = headers.get("x-request-id", "")
    return given if _ID.fullmatch(given) else f"req_{secrets.token_hex(12)}"
