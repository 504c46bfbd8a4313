"""The public application: what clients, the edge and Prometheus see on port 8080."""

import importlib.metadata
from typing import Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from appliance.api.errors import (
    ApiError,
    InternalError,
    NotFoundError,
)
from appliance.api.gateway import Gateway
from appliance.api.keys import KeyStore
from appliance.api.observe import Observed
from appliance.api.openapi import TRANSCRIPTIONS
from appliance.api.roster import ServedModel
from appliance.api.transcriptions import Transcriptions
from appliance.logs import logger_for, trouble
from appliance.permits import state_name

_LOG = logger_for("api.public")
_OWNER: Final = "anechoic"


def build_public(gateway: Gateway, keys: KeyStore) -> ASGIApp:
    """Build the application.

    FastAPI's own pages for reading the OpenAPI document load scripts from the internet, so
    they are off; the document itself is at /openapi.json.
    """
    app = FastAPI(
        title="Anechoic",
        version=version(),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _add_errors(app, gateway)
    _add_models(app, gateway, keys)
    _add_operations(app, gateway)
    transcriptions = Transcriptions(gateway, keys)

    @app.post("/v1/audio/transcriptions", openapi_extra=TRANSCRIPTIONS)
    async def transcribe(request: Request) -> Response:
        """Transcribe one piece of audio."""
        return await transcriptions(request)

    return Observed(app, gateway.metrics)


def version() -> str:
    """Name the release of this program."""
    try:
        return importlib.metadata.version("anechoic")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def _add_models(app: FastAPI, gateway: Gateway, keys: KeyStore) -> None:
    @app.get("/v1/models")
    async def models(request: Request) -> dict[str, Any]:
        """List the models that living workers serve."""
        request.state.key_id = keys.authenticate(request.headers).id
        return {"object": "list", "data": [_model(m) for m in gateway.roster.models()]}

    @app.get("/v1/models/{name:path}")
    async def model(request: Request, name: str) -> dict[str, Any]:
        """Show one model; an alias shows the model it stands for."""
        request.state.key_id = keys.authenticate(request.headers).id
        return _model(gateway.roster.resolve(name, None))


def _model(model: ServedModel) -> dict[str, Any]:
    return {
        "id": model.name,
        "object": "model",
        "created": model.started_ms // 1000,
        "owned_by": _OWNER,
        "version": model.version,
        "languages": list(model.languages),
    }


def _add_operations(app: FastAPI, gateway: Gateway) -> None:
    @app.get("/health")
    async def health(request: Request) -> JSONResponse:
        """Say how the parts are. 503 only when asked for readiness; no license matters."""
        body = health_body(gateway)
        wants_ready = request.query_params.get("ready") == "1"
        return JSONResponse(
            body, status_code=503 if wants_ready and not gateway.ready() else 200
        )

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        """Expose the counters to Prometheus."""
        return Response(
            gateway.metrics.render(), media_type=gateway.metrics.content_type
        )


def health_body(gateway: Gateway) -> dict[str, Any]:
    """Describe the health of the gateway and of what it depends on."""
    refusal = gateway.refusal()
    reason = None if refusal is None else refusal.code
    permission = gateway.permits.permission()
    roster = gateway.roster
    return {
        "status": "ok" if reason is None else "degraded",
        "ready": reason is None,
        "reason": reason,
        "version": version(),
        "components": {
            "api": {"ok": not gateway.draining, "jobs": len(gateway.jobs)},
            "redis": {"ok": roster.redis_answers},
            "asr": {"ok": bool(roster.workers), "workers": len(roster.workers)},
            "license": {
                "ok": permission.allowed,
                "state": state_name(permission),
                "reason": permission.reason_code,
                "basis": permission.basis,
            },
        },
    }


def _add_errors(app: FastAPI, gateway: Gateway) -> None:
    """Give every refusal the shape that OpenAI's clients read."""

    def shown(request: Request, error: ApiError, status: int | None = None) -> Response:
        gateway.metrics.refusals.labels(error.code).inc()
        headers = {}
        if error.retry_after_s is not None:
            headers["retry-after"] = str(error.retry_after_s)
        if error.status in _UNREAD_BODY:
            headers["connection"] = "close"
        return JSONResponse(
            error_body(error, getattr(request.state, "request_id", None)),
            status_code=status or error.status,
            headers=headers,
        )

    async def on_api_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, ApiError):
            raise error
        return shown(request, error)

    async def on_http_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        message = f"{request.method} {request.url.path[:200]} is not served here"
        return shown(request, NotFoundError(message), error.status_code)

    async def on_mistake(request: Request, error: Exception) -> Response:
        trouble(_LOG, "request.mistake", kind=type(error).__name__)
        return shown(request, InternalError("the gateway made a mistake"))

    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_mistake)


_UNREAD_BODY: Final = frozenset({401, 403, 408, 413, 429, 503})


def error_body(error: ApiError, request_id: str | None) -> dict[str, Any]:
    """Write OpenAI's error object, with our own code and the request id beside it."""
    return {
        "error": {
            "message": str(error),
            "type": error.type,
            "param": error.param,
            "code": error.shown_name,
            "anechoic_code": error.code,
            "request_id": request_id,
        }
    }
