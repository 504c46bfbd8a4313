"""The routes of anechoicd about trust: show what is known, look at an update, apply it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from installer.engine.requests import body_of, read_body
from installer.engine.trust import apply_update, look_at, show_trust
from installer.trust_bodies import TrustRequest, TrustView

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from installer.engine.operations import Operations
    from installer.engine.requests import RouteTable
    from installer.engine.site import Site

__all__ = ["TrustApi"]


class TrustApi:
    """The handlers, over one site; updates are applied one at a time."""

    def __init__(
        self, site: Site, operations: Operations, changed: Callable[[], None]
    ) -> None:
        self._site = site
        self._operations = operations
        self._changed = changed

    def table(self) -> RouteTable:
        """Return method, path and handler of each route."""
        return (
            ("GET", "/v1/trust", self.show),
            ("POST", "/v1/trust/show", self.look),
            ("POST", "/v1/trust/apply", self.apply),
        )

    async def show(self, _request: Request) -> Response:
        """Say what this host has trusted last."""
        return body_of(await asyncio.to_thread(show_trust, self._site))

    async def look(self, request: Request) -> Response:
        """Verify an update and say what is in it."""
        body = await read_body(request, TrustRequest)
        return body_of(await asyncio.to_thread(look_at, self._site, body))

    async def apply(self, request: Request) -> Response:
        """Make this host remember an update."""
        body = await read_body(request, TrustRequest)
        view = await asyncio.to_thread(self._apply, body)
        self._changed()
        return body_of(view)

    def _apply(self, body: TrustRequest) -> TrustView:
        with self._operations.alone():
            return apply_update(self._site, body)
