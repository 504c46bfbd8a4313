"""What a service uses of its limits, and what it would use if it might.

Replicas share a limit by demand, so each says with every question how much it uses
and how much more it was asked for. A refused request counts as demand for a minute:
its caller is likely to come back.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MOST", "Demand", "Demands", "Tally"]

MOST = 100_000
"""The most of anything that is believed."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Of one limit: in use now, and wanted at the same time, what is used included."""

    used: int = 0
    want: int = 0


@dataclass(frozen=True, slots=True)
class Demands:
    """Of both limits."""

    streams: Demand = field(default_factory=Demand)
    jobs: Demand = field(default_factory=Demand)


class Tally:
    """Counts what was refused of late."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing refused; ``clock`` counts seconds."""
        self._clock = clock
        self._refused: deque[float] = deque(maxlen=1_000)

    def refuse(self) -> None:
        """Note that somebody was refused for want of a larger share."""
        self._refused.append(self._clock())

    def demand(self, used: int) -> Demand:
        """Return the demand, where so much is in use."""
        since = self._clock() - TOLERANCES.want_s
        while self._refused and self._refused[0] < since:
            self._refused.popleft()
        return Demand(min(used, MOST), min(used + len(self._refused), MOST))
