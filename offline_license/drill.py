"""An expiry drill: the banners of grace for some minutes, and nothing else.

The state shown and its flag go to every face, metric and alarm, so that a site sees
what an expiry would do. What is permitted and what is remembered stay as they are. It
ends by run time, and with the boot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_license.states import Flag, State
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.clock import Reading
    from offline_license.decide import Decision

__all__ = ["Drill", "overlay"]

_REHEARSED = frozenset({State.VALID, State.EXPIRING})
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill under way: in which boot, and the run time at which it ends."""

    boot_id: str
    ends_s: int

    @classmethod
    def begin(cls, reading: Reading, minutes: int) -> Drill | None:
        """Begin a drill; None where it lasts no time, which ends one.

        Raises:
            ValueError: less than none, or longer than an hour.
        """
        if not 0 <= minutes <= TOLERANCES.drill_minutes:
            msg = f"a drill lasts up to {TOLERANCES.drill_minutes} minutes"
            raise ValueError(msg)
        if minutes == 0:
            return None
        return cls(reading.boot_id, reading.boot_s + minutes * _MINUTE_S)

    def left_s(self, reading: Reading) -> int:
        """Return the seconds it goes on; 0 once it is over."""
        same_boot = reading.boot_id == self.boot_id
        return max(0, self.ends_s - reading.boot_s) if same_boot else 0


def overlay(decision: Decision, drill: Drill | None, reading: Reading) -> Decision:
    """Return what to show; without a drill, or where it is worse anyway, the same."""
    if drill is None or not drill.left_s(reading) or decision.state not in _REHEARSED:
        return decision
    return replace(
        decision,
        state=State.GRACE,
        until=decision.term,
        flags=decision.flags | {Flag.DRILL},
    )
