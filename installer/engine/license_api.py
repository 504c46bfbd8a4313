"""The routes about licenses. None of them asks what the license permits."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from installer.engine.requests import body_of, read_body
from installer.errors import SETTINGS_INVALID, InstallerError
from installer.protocol import (
    ExtensionBody,
    LicenseBytes,
    LicensePath,
    MinutesBody,
    OperatorBody,
    SimulateBody,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from installer.engine.requests import RouteTable
    from installer.engine.site import OpenMedium, Site
    from installer.license_bodies import LicenseTrust

__all__ = ["LicenseApi"]

_LEVELS = ("hourly", "daily")


class LicenseApi:
    """The handlers.

    Args:
        site: this host.
        medium: returns the medium that was opened last, or None.
        changed: called after the license has changed.
    """

    def __init__(
        self,
        site: Site,
        medium: Callable[[], OpenMedium | None],
        changed: Callable[[], None],
    ) -> None:
        self._site = site
        self._medium = medium
        self._changed = changed

    def table(self) -> RouteTable:
        """Return method, path and handler of every route."""
        return (
            ("POST", "/v1/license", self.check),
            ("POST", "/v1/license/install", self.install),
            ("POST", "/v1/license/bytes", self.check_bytes),
            ("POST", "/v1/license/bytes/install", self.install_bytes),
            ("POST", "/v1/license/request", self.request),
            ("POST", "/v1/license/extension", self.extend),
            ("POST", "/v1/license/clock", self.clock),
            ("POST", "/v1/license/restored", self.restored),
            ("POST", "/v1/license/drill", self.drill),
            ("POST", "/v1/license/simulation", self.simulate),
            ("GET", "/v1/usage/report", self.report),
        )

    async def check(self, request: Request) -> Response:
        """Judge the license of a file."""
        body = await read_body(request, LicensePath)
        medium = await self._trusted(body)
        check = self._site.licenses.check
        return body_of(await asyncio.to_thread(check, Path(body.path), medium))

    async def install(self, request: Request) -> Response:
        """Put the license of a file in force."""
        body = await read_body(request, LicensePath)
        medium = await self._trusted(body)
        summary = await asyncio.to_thread(
            self._site.licenses.install,
            Path(body.path),
            medium,
            accept_loss=body.accept_loss,
        )
        self._changed()
        return body_of(summary)

    async def check_bytes(self, request: Request) -> Response:
        """Judge whatever was carried in."""
        body = await read_body(request, LicenseBytes)
        medium = await self._trusted(body)
        check = self._site.licenses.check_bytes
        return body_of(await asyncio.to_thread(check, body.data, medium))

    async def install_bytes(self, request: Request) -> Response:
        """Put whatever was carried in in force."""
        body = await read_body(request, LicenseBytes)
        medium = await self._trusted(body)
        summary = await asyncio.to_thread(
            self._site.licenses.install_bytes,
            body.data,
            medium,
            accept_loss=body.accept_loss,
        )
        self._changed()
        return body_of(summary)

    async def request(self, _request: Request) -> Response:
        """Make a request."""
        return body_of(await asyncio.to_thread(self._site.licenses.request))

    async def extend(self, request: Request) -> Response:
        """Redeem an emergency code."""
        body = await read_body(request, ExtensionBody)
        return await self._order("/v1/license/extension", {"code": body.code})

    async def clock(self, request: Request) -> Response:
        """Confirm date and time."""
        body = await read_body(request, OperatorBody)
        return await self._order("/v1/license/clock", {"uid": body.uid})

    async def restored(self, request: Request) -> Response:
        """Note that this host was restored from a backup."""
        body = await read_body(request, OperatorBody)
        return await self._order("/v1/license/restored", {"uid": body.uid})

    async def drill(self, request: Request) -> Response:
        """Show the banners of grace for some minutes."""
        body = await read_body(request, MinutesBody)
        return await self._order("/v1/license/drill", {"minutes": body.minutes})

    async def simulate(self, request: Request) -> Response:
        """Rehearse."""
        body = await read_body(request, SimulateBody)
        simulate = self._site.licenses.simulate
        return body_of(await asyncio.to_thread(simulate, body, self._medium()))

    async def report(self, request: Request) -> Response:
        """Return the signed usage report."""
        level = request.query_params.get("level", _LEVELS[0])
        since = request.query_params.get("since", "0")
        if level not in _LEVELS or not (since.isascii() and since.isdecimal()):
            raise InstallerError(
                SETTINGS_INVALID, f"expected {_LEVELS} and an index, found {level!r}"
            )
        data = await asyncio.to_thread(
            self._site.licenses.service.report, level, int(since[:20])
        )
        return Response(data, media_type="application/json")

    async def _order(self, path: str, body: dict[str, Any]) -> Response:
        found = await asyncio.to_thread(self._site.licenses.service.order, path, body)
        self._changed()
        return JSONResponse(found)

    async def _trusted(self, body: LicenseTrust) -> OpenMedium | None:
        """Return the medium to judge by: the named one, else the last opened."""
        if body.medium is None:
            return self._medium()
        trust = Path(body.trust) if body.trust else None
        return await asyncio.to_thread(self._site.media.open, Path(body.medium), trust)
