"""One look at the clocks, as the ledger takes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_license.checkpoint import Stamp
from offline_license.dates import LATEST_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offline_license.usage import UsageRow

__all__ = ["Moment"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at the clocks.

    Attributes:
        t_s, wall_s, proved_s: effective time, wall clock and proved time, seconds UTC.
        run_s: CLOCK_BOOTTIME, seconds.
        boot_id: names this boot of the host.
        flags: what is raised, one bit each; checkpoints carry it unread.
    """

    t_s: int
    wall_s: int
    proved_s: int
    run_s: int
    boot_id: str
    flags: int = 0

    @property
    def event_s(self) -> int:
        """The time of what happens now, as a record holds it."""
        return _on_a_calendar(self.t_s)

    def dated(self, rows: Iterable[UsageRow]) -> tuple[UsageRow, ...]:
        """Return rows of services by effective time, as far as their clock is behind.

        Services share the wall clock of the host, which may stand at 1970.
        """
        behind_s = max(0, self.t_s - self.wall_s)
        return tuple(
            replace(row, hour_s=_on_a_calendar(row.hour_s + behind_s)) for row in rows
        )

    def stamp(self, *, boot: int, closed: int) -> Stamp:
        """Return what a checkpoint says now.

        Args:
            boot: counts the starts of the host.
            closed: hours that are written with this checkpoint.
        """
        wall_s, proved_s = map(_on_a_calendar, (self.wall_s, self.proved_s))
        return Stamp(wall_s, proved_s, boot, self.flags, closed)


def _on_a_calendar(seconds: int) -> int:
    """Hold the time of a wrong clock inside what a calendar can show."""
    return min(max(seconds, 0), LATEST_S)
