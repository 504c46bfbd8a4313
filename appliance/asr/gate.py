"""When a worker takes jobs from the queue, as the license has it.

New work is refused where it comes in, at the gateways. A worker therefore finishes what
was accepted before permission ended, for a day at most: the queue may hold it still.
Gateway and worker hear of the end at different times, so what comes within the life of
a lease after that counts as accepted too. What comes later was not accepted by anyone
who asked the license, and is left alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appliance.leases.client import boot_seconds
from appliance.permits import Permission, Permits
from offline_license.tolerances import DAY_S, TOLERANCES

_SLACK_S: Final = TOLERANCES.lease_ttl_s + TOLERANCES.slot_margin_s
_FINISH_S: Final = DAY_S


@dataclass(frozen=True, slots=True)
class _End:
    """When permission ended: run time in seconds, wall clock in milliseconds."""

    run_s: float
    wall_ms: int


class PullGate:
    """Decides for one worker; `look` first, then ask."""

    def __init__(
        self,
        permits: Permits,
        *,
        run_clock: Callable[[], float] = boot_seconds,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """Have taken nothing yet; clocks count seconds."""
        self._permits = permits
        self._run_clock = run_clock
        self._wall_clock = wall_clock
        self._was_allowed = False
        self._end: _End | None = None

    def look(self) -> Permission:
        """Return the permission of this moment, and note when it ends."""
        permission = self._permits.permission()
        if permission.allowed:
            self._was_allowed, self._end = True, None
        elif self._was_allowed and self._end is None:
            self._end = _End(self._run_clock(), int(self._wall_clock() * 1000))
        return permission

    def open(self) -> bool:
        """Tell whether there may be jobs for this worker: new ones or accepted ones."""
        return self.look().allowed or self._finishing()

    def has_room(self, running: int) -> bool:
        """Tell whether one more may begin beside those that run."""
        most = self.look().max_jobs if self._end is None else None
        return self.open() and (most is None or running < most)

    def may_take(self, submitted_ms: int) -> bool:
        """Tell whether a job may be worked on; after one that may not, close.

        Jobs come in the order of their acceptance: what comes after it may not either.

        Args:
            submitted_ms: when the gateway submitted it, milliseconds UTC.
        """
        if self.look().allowed:
            return True
        if self._end is None or not self._finishing():
            return False
        early = self._run_clock() - self._end.run_s < _SLACK_S
        if early or submitted_ms <= self._end.wall_ms + _SLACK_S * 1000:
            return True
        self._was_allowed, self._end = False, None
        return False

    def _finishing(self) -> bool:
        return self._end is not None and self._run_clock() - self._end.run_s < _FINISH_S
