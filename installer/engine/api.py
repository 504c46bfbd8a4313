"""The HTTP API of anechoicd on its unix socket.

What may block runs in threads; ``installer.engine.requests`` reads and answers.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse

from installer.engine.bundle_api import BundleApi
from installer.engine.findings import way_out
from installer.engine.installed import (
    installed_settings,
    require_installed,
    topology_of,
)
from installer.engine.keys import create_key, delete_key, list_keys
from installer.engine.license_api import LicenseApi
from installer.engine.requests import body_of, read_body, routes_of
from installer.engine.trust import trust_notices
from installer.engine.trust_api import TrustApi
from installer.errors import (
    NO_OPERATION,
    InstallerError,
)
from installer.preflight import findings_of
from installer.protocol import (
    PROTOCOL,
    CheckLine,
    EngineVersion,
    FindingsBody,
    KeyRequest,
    KeysBody,
    MediumRequest,
    OperationRequest,
    OperationState,
    PreflightBody,
    SettingsBody,
)
from installer.version import PRODUCT_VERSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.routing import Route

    from installer.engine.board import Board
    from installer.engine.operations import Operations
    from installer.engine.requests import RouteTable
    from installer.engine.site import OpenMedium, Site
    from installer.engine.status import StatusCollector
    from installer.findings import Finding

__all__ = ["build_api"]

_EVENT_PAUSE_S = 0.1


class _Api:
    """The handlers, over one site."""

    def __init__(
        self, site: Site, operations: Operations, collector: StatusCollector
    ) -> None:
        self._site = site
        self._operations = operations
        self._collector = collector
        self._medium: OpenMedium | None = None
        self._licenses = LicenseApi(site, lambda: self._medium, collector.forget)

    def routes(self) -> list[Route]:
        table: RouteTable = (
            ("GET", "/v1/version", self.version),
            ("GET", "/v1/status", self.status),
            ("POST", "/v1/preflight", self.preflight),
            ("POST", "/v1/medium", self.medium),
            ("POST", "/v1/plan", self.plan),
            ("POST", "/v1/operations", self.start),
            ("GET", "/v1/operations/current", self.current),
            ("DELETE", "/v1/operations/current", self.cancel),
            ("GET", "/v1/operations/{id}/events", self.events),
            ("GET", "/v1/keys", self.keys),
            ("POST", "/v1/keys", self.create_key),
            ("DELETE", "/v1/keys/{id}", self.delete_key),
            ("POST", "/v1/isolation", self.isolation),
        )
        bundles = BundleApi(self._site, self._operations)
        trust = TrustApi(self._site, self._operations, self._collector.forget)
        parts = (self._licenses, bundles, trust)
        return routes_of((*table, *(row for part in parts for row in part.table())))

    async def version(self, _request: Request) -> Response:
        return body_of(
            EngineVersion(
                product_version=PRODUCT_VERSION, protocol=PROTOCOL, pid=os.getpid()
            )
        )

    async def status(self, _request: Request) -> Response:
        return body_of(await self._collector.read())

    async def preflight(self, request: Request) -> Response:
        body = await read_body(request, SettingsBody)
        size = await asyncio.to_thread(self._missing_bytes)
        results = await asyncio.to_thread(self._site.host.checks, body.settings, size)
        lines = tuple(
            CheckLine(
                name=one.name,
                topic=one.topic,
                title=one.title,
                detail=one.detail,
                findings=one.findings,
            )
            for one in results
        )
        told = await asyncio.to_thread(trust_notices, self._site.paths)
        findings = (*findings_of(results), *told)
        return body_of(PreflightBody(findings=findings, checks=lines))

    def _missing_bytes(self) -> int:
        """Return what the last opened medium would still bring; 0 without one."""
        medium = self._medium
        return medium.missing_bytes(self._site.engine) if medium else 0

    async def medium(self, request: Request) -> Response:
        body = await read_body(request, MediumRequest)
        trust = Path(body.trust) if body.trust else None
        medium = await asyncio.to_thread(self._site.media.open, Path(body.path), trust)
        await asyncio.to_thread(medium.require_base, self._site.engine)
        self._medium = medium
        return body_of(medium.summary)

    async def plan(self, request: Request) -> Response:
        body = await read_body(request, SettingsBody)
        return body_of(await asyncio.to_thread(self._operations.plan, body.settings))

    async def start(self, request: Request) -> Response:
        body = await read_body(request, OperationRequest)
        operation = await asyncio.to_thread(self._operations.start, body)
        self._collector.forget()
        return body_of(operation, 202)

    async def current(self, _request: Request) -> Response:
        operation = await asyncio.to_thread(self._operations.current)
        if operation is None:
            raise InstallerError(NO_OPERATION, "none has run on this host")
        return body_of(operation)

    async def cancel(self, _request: Request) -> Response:
        return body_of(self._operations.cancel(), 202)

    async def events(self, request: Request) -> Response:
        board = self._operations.watch(request.path_params["id"])
        return StreamingResponse(_lines(board), media_type="application/x-ndjson")

    async def keys(self, _request: Request) -> Response:
        return body_of(KeysBody(keys=list_keys(self._site)))

    async def create_key(self, request: Request) -> Response:
        body = await read_body(request, KeyRequest)
        require_installed(self._site.paths)
        return body_of(create_key(self._site, body.name), 201)

    async def delete_key(self, request: Request) -> Response:
        delete_key(self._site, request.path_params["id"])
        return JSONResponse({})

    async def isolation(self, _request: Request) -> Response:
        return body_of(FindingsBody(findings=await asyncio.to_thread(self._isolation)))

    def _isolation(self) -> tuple[Finding, ...]:
        installed = require_installed(self._site.paths)
        settings = installed_settings(self._site.paths)
        topology = topology_of(self._site, settings, installed.images, installed.model)
        addresses = self._site.host.addresses()
        found = self._site.prober.exposures(topology, addresses)
        return tuple(way_out(exposure) for exposure in found)


async def _lines(board: Board) -> AsyncIterator[str]:
    """Send the picture whenever it changed, until the operation has ended."""
    seen = -1
    while True:
        version, operation = board.read()
        if version != seen:
            seen = version
            yield operation.model_dump_json() + "\n"
        if operation.state is not OperationState.RUNNING:
            return
        await asyncio.sleep(_EVENT_PAUSE_S)


def build_api(
    site: Site, operations: Operations, collector: StatusCollector
) -> Starlette:
    """Build the application that anechoicd serves on its socket."""
    return Starlette(routes=_Api(site, operations, collector).routes())
