"""What works without a license: one live session, an hour per day.

It lets people who install an appliance hear that it works. A day is 24 h of run time
and not of the wall clock, so that setting the clock brings no second hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from offline_license.tolerances import DAY_S, TOLERANCES

__all__ = ["DEMO_STREAMS", "DemoAllowance"]

DEMO_STREAMS = 1
"""Live sessions at the same time without a license."""


@dataclass(frozen=True, slots=True)
class DemoAllowance:
    """How much of the allowance of this day was used; times are run seconds.

    Attributes:
        day_s: since the day of the allowance began, less than a day.
        used_s: live time in this day.
    """

    day_s: int = 0
    used_s: int = 0

    @property
    def left_s(self) -> int:
        """Live time that is left in this day."""
        return max(0, TOLERANCES.demo_s - self.used_s)

    def advance(self, elapsed_s: int, streams: int) -> DemoAllowance:
        """Let run time pass; a day that ends meanwhile starts the next one unused.

        Args:
            elapsed_s: run time since the last call.
            streams: live sessions that ran; more than one count for each.
        """
        used_s = self.used_s + elapsed_s * streams
        counted = replace(self, day_s=self.day_s + elapsed_s, used_s=used_s)
        if counted.day_s < DAY_S:
            return counted
        return DemoAllowance(counted.day_s % DAY_S)
