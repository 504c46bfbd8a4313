"""The way of usage from a gateway into the ledger, with a license container that tests
restart, kill and make forget its answers."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from typing_extensions import override

from appliance.api.usage import UsageMeter
from appliance.api.usage_poster import UsagePoster
from appliance.license_proxy.app import create_app
from offline_license.report import verify_report
from offline_license.report_payload import Level
from tests.support.license_site import LicenseSite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from appliance.license_proxy.keeper import Keeper
    from offline_license.report import Report
    from tests.support.serving import Stack


class RestartedLicense(httpx.AsyncBaseTransport):
    """A license container at one address."""

    def __init__(self, folder: Path) -> None:
        self.site = LicenseSite(folder)
        self.site.install()
        self.keeper: Keeper = self.site.start()
        self.up = True
        self.lost_answers = 0

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or behave like a container that is away."""
        if not self.up:
            raise httpx.ConnectError("the container is away")
        inner = httpx.ASGITransport(create_app(self.keeper))
        answer = await inner.handle_async_request(request)
        if self.lost_answers:
            self.lost_answers -= 1
            raise httpx.ReadError("the container died after its work")
        return answer

    def stop(self) -> None:
        """Stop in order."""
        self.up = False
        self.keeper.close()

    def kill(self) -> None:
        """Vanish, with nothing written down any more."""
        self.up = False

    def start(self) -> None:
        """Start again from what is on the disk."""
        self.keeper, self.up = self.site.start(), True

    def report(self) -> Report:
        """Return the verified report of everything."""
        data = self.keeper.report(Level.HOURLY, 0)
        return verify_report(data, self.site.issuer.install_public)


@dataclass
class Oracle:
    """What callers saw."""

    served: int = 0
    refused: int = 0
    failed: int = 0
    canceled: int = 0
    audio_ms: int = 0
    chars: int = 0
    texts: list[str] = field(default_factory=list)

    def take(self, answer: httpx.Response) -> None:
        """Count an answer; a stranger's request is nobody's usage."""
        if answer.status_code == 200:
            body = answer.json()
            self.served += 1
            self.audio_ms += round(body["duration"] * 1000)
            self.chars += len(body["text"])
        elif answer.status_code >= 500:
            self.failed += 1
        elif answer.status_code != 401:
            self.refused += 1

    @property
    def sums(self) -> tuple[int, ...]:
        """Requests by outcome, milliseconds of audio, characters."""
        outcomes = self.served, self.refused, self.failed, self.canceled
        return (*outcomes, self.audio_ms, self.chars)


def sums_of(report: Report) -> tuple[int, ...]:
    """Return the same of a report."""
    totals = report.totals
    outcomes = totals.served, totals.refused, totals.failed, totals.canceled
    return (*outcomes, totals.audio_ms, totals.chars)


@contextlib.asynccontextmanager
async def metered(stack: Stack, license_: RestartedLicense) -> AsyncIterator[None]:
    """Bring the usage of a gateway to a license container, drained at the end."""
    stack.gateway.usage = UsageMeter(wall=lambda: license_.site.clocks.wall_s)
    poster = UsagePoster(
        stack.gateway.usage,
        url="http://license:6699",
        instance="api-1",
        http=httpx.AsyncClient(transport=license_),
    )
    task = asyncio.create_task(poster.run())
    try:
        yield
    finally:
        await poster.drain(most_s=60)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
