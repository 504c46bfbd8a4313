"""Bring what the usage meter counted to the license container, one batch at a time.

One task posts. While a batch is under way the next gathers; a batch is sent again with the
same number until the license container has it. At a stop what is left is posted first.
"""

import asyncio
import contextlib
import secrets
from http import HTTPStatus
from typing import Final

import httpx

from appliance.api.usage import UsageMeter
from appliance.logs import event, logger_for, trouble
from appliance.usage_wire import UsageBatch

_LOG = logger_for("api.usage")
_TIMEOUT_S: Final = 10.0
_GATHER_S: Final = 0.5
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0
_DRAIN_S: Final = 5.0
_DRAIN_PAUSE_S: Final = 0.25


class UsagePoster:
    """Brings what the meter counted to the license container, one batch at a time."""

    def __init__(
        self,
        meter: UsageMeter,
        *,
        url: str,
        instance: str,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """Be ready for `run`.

        Args:
            meter: is emptied batch by batch.
            url: of the license container, such as `http://license:6699`.
            instance: stable name of this replica.
            http: a client to use; one is made, and closed, otherwise.
        """
        self._meter = meter
        self._url = f"{url.rstrip('/')}/v1/usage"
        self._instance = instance
        self._run = secrets.token_bytes(8)
        self._number = 0
        self._batch: UsageBatch | None = None
        self._own = http is None
        self._http = http or httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)
        self._lock = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """Finished requests that the license container does not have yet."""
        pending = self._batch.rows if self._batch else ()
        return self._meter.requests + sum(row.requests for row in pending)

    async def run(self) -> None:
        """Post for as long as the task lives; pause longer after each failure."""
        pause_s = _FIRST_PAUSE_S
        while True:
            if self._batch is None:
                await self._meter.news.wait()
            if await self.post():
                pause_s = _FIRST_PAUSE_S
                await asyncio.sleep(_GATHER_S)  # One write to disk takes them all.
            else:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def post(self) -> bool:
        """Send one batch; what fails is kept and sent again with its number."""
        async with self._lock:
            batch = self._batch = self._batch or self._next()
            if batch is None or await self._sent(batch):
                self._batch = None
                return True
            return False

    async def drain(self, *, most_s: float = _DRAIN_S) -> None:
        """Post what is left before the process ends; say what could not be."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                while self.waiting:
                    if not await self.post():
                        await asyncio.sleep(_DRAIN_PAUSE_S)
        if self.waiting:
            trouble(_LOG, "usage.lost", requests=self.waiting)
        else:
            event(_LOG, "usage.drained", batches=self._number)
        if self._own:
            await self._http.aclose()

    def _next(self) -> UsageBatch | None:
        rows = self._meter.take()
        if not rows:
            return None
        self._number += 1
        return UsageBatch(self._instance, self._run, self._number, rows)

    async def _sent(self, batch: UsageBatch) -> bool:
        try:
            answer = await self._http.post(self._url, json=batch.to_json())
        except httpx.HTTPError as error:
            trouble(_LOG, "usage.kept", cause=type(error).__name__)
            return False
        if answer.status_code != HTTPStatus.OK:
            trouble(_LOG, "usage.kept", status=answer.status_code)
            return False
        return True
