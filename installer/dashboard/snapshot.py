"""One status for many viewers: asked once, shared, never waited for too long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from installer.protocol import Status

_DEADLINE_S: Final = 10.0


class SnapshotError(Exception):
    """The engine gave no status in time."""


class Snapshot:
    """The latest status, refreshed when it is asked for and too old.

    Args:
        get_status: asks the engine.
        max_age_s: how long one answer serves all viewers.
        deadline_s: how long an answer may take.
    """

    def __init__(
        self,
        get_status: Callable[[], Awaitable[Status]],
        *,
        max_age_s: float = 2.0,
        deadline_s: float = _DEADLINE_S,
    ) -> None:
        self._get_status = get_status
        self._max_age_s = max_age_s
        self._deadline_s = deadline_s
        self._lock = asyncio.Lock()
        self._status: Status | None = None
        self._taken_at = 0.0

    async def get(self) -> Status:
        """Give a status that is fresh enough.

        Raises:
            SnapshotError: the engine failed or took too long; the text says which.
        """
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._status is None or now - self._taken_at > self._max_age_s:
                self._status = await self._ask()
                self._taken_at = asyncio.get_running_loop().time()
            return self._status

    async def _ask(self) -> Status:
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._get_status()
        except TimeoutError:
            raise SnapshotError(f"no answer within {self._deadline_s:g} s") from None
        except Exception as error:
            raise SnapshotError(type(error).__name__) from error
