"""Bodies in, bodies out: what every route of anechoicd has in common.

Each refusal becomes a status and an ``ErrorBody`` in this one place.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.responses import Response
from starlette.routing import Route

from installer.engine.refusing import FindingsError
from installer.errors import (
    BUSY,
    LICENSE_SILENT,
    LICENSE_UNREADABLE,
    NO_OPERATION,
    NO_SUCH_KEY,
    NOT_INSTALLED,
    SETTINGS_INVALID,
    InstallerError,
)
from installer.findings import Finding
from installer.protocol import ErrorBody
from installer.settings import SettingsInvalidError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import TypeAlias

    from starlette.requests import Request

    Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
    RouteTable: TypeAlias = tuple[tuple[str, str, Handler], ...]

__all__ = ["body_of", "read_body", "routes_of"]

_LOG = logging.getLogger("anechoicd")
_MAX_BODY_BYTES = 256 * 1024
_INTERNAL = 500
_STATUS_BY_CODE = {
    BUSY.code: 409,
    NOT_INSTALLED.code: 409,
    LICENSE_SILENT.code: 409,
    NO_OPERATION.code: 404,
    NO_SUCH_KEY.code: 404,
    SETTINGS_INVALID.code: 400,
    LICENSE_UNREADABLE.code: 422,
}

_M = TypeVar("_M", bound=BaseModel)


def routes_of(table: Iterable[tuple[str, str, Handler]]) -> list[Route]:
    """Turn method, path and handler into routes that never raise."""
    return [
        Route(path, _guarded(handler), methods=[method])
        for method, path, handler in table
    ]


def body_of(model: BaseModel, status: int = 200) -> Response:
    """Answer with a body."""
    return Response(
        model.model_dump_json(), status_code=status, media_type="application/json"
    )


def _refused(error: Exception) -> Response:
    finding = Finding.from_error(error)
    findings: tuple[Finding, ...] = (finding,)
    if isinstance(error, SettingsInvalidError | FindingsError):
        findings = error.findings
    status = _STATUS_BY_CODE.get(finding.code)
    if status is None:
        status = 422 if hasattr(error, "code") else _INTERNAL
    if status == _INTERNAL:  # the log says what the answer must not
        _LOG.error("a request failed", exc_info=error)
    return body_of(ErrorBody(finding=finding, findings=findings), status)


async def read_body(request: Request, model: type[_M]) -> _M:
    """Read the body of a request strictly.

    Raises:
        SettingsInvalidError: with everything that is wrong with it.
        InstallerError: it is too large.
    """
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > _MAX_BODY_BYTES:
            raise InstallerError(SETTINGS_INVALID, "the request is too large")
    try:
        return model.model_validate_json(data or b"{}")
    except ValidationError as error:
        findings = tuple(
            Finding.of(
                SETTINGS_INVALID,
                evidence=f"{'.'.join(map(str, one['loc']))}: {one['msg']}",
            )
            for one in error.errors(include_url=False, include_input=False)
        )
        raise SettingsInvalidError(findings) from None


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001  every refusal is a finding
            return _refused(error)

    return guarded
