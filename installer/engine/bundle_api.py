"""The routes of anechoicd about releases on this host: plan, look, free."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

from installer.engine.keeping import prune, store
from installer.engine.passport import passport_of
from installer.engine.requests import body_of, read_body
from installer.protocol import MediumRequest

if TYPE_CHECKING:
    from starlette.requests import Request

    from installer.bundle_bodies import BundlePlan, Store
    from installer.engine.operations import Operations
    from installer.engine.requests import RouteTable
    from installer.engine.site import Site

__all__ = ["BundleApi"]


class BundleApi:
    """The handlers, over one site."""

    def __init__(self, site: Site, operations: Operations) -> None:
        self._site = site
        self._operations = operations

    def table(self) -> RouteTable:
        """Return method, path and handler of each route."""
        return (
            ("POST", "/v1/bundle/plan", self.plan),
            ("GET", "/v1/bundle/store", self.store),
            ("GET", "/v1/passport", self.passport),
            ("POST", "/v1/bundle/prune", self.prune),
        )

    async def plan(self, request: Request) -> Response:
        """Say what a load would bring."""
        body = await read_body(request, MediumRequest)
        return body_of(await asyncio.to_thread(self._plan, body))

    def _plan(self, body: MediumRequest) -> BundlePlan:
        trust = Path(body.trust) if body.trust else None
        medium = self._site.media.open(Path(body.path), trust)
        medium.require_base(self._site.engine)
        return medium.plan(self._site.engine)

    async def passport(self, _request: Request) -> Response:
        """Say what this host has; model files are read."""
        found = await asyncio.to_thread(passport_of, self._site)
        return Response(found.to_json(), media_type="application/json")

    async def store(self, _request: Request) -> Response:
        """List what is kept, and why."""
        return body_of(await asyncio.to_thread(store, self._site))

    async def prune(self, _request: Request) -> Response:
        """Free what is unused, while nothing else changes images."""
        return body_of(await asyncio.to_thread(self._prune))

    def _prune(self) -> Store:
        with self._operations.alone():
            return prune(self._site)
