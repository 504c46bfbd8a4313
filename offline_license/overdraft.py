"""Limits are soft first: an overdraft for a day, then the limit itself.

    cap    = floor(limit x (1 + overdraft %))   while the overdraft lasts
    cap    = limit                              once 24 h above it were used up
    restored: 24 h of unbroken run time within the limit

Time above the limit adds up over any number of peaks, so that going back for an
hour does not buy another day. All times are run time; no clock can be turned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from offline_license.tolerances import TOLERANCES

__all__ = ["Overdraft", "cap", "hard_cap"]


@dataclass(frozen=True, slots=True)
class Overdraft:
    """How much of the overdraft was used.

    Attributes:
        spent_s: run time above the limit since the overdraft was last whole.
        within_s: unbroken run time within the limit since then.
        peak: the most used at once meanwhile; 0 while the overdraft is whole.
    """

    spent_s: int = 0
    within_s: int = 0
    peak: int = 0

    @property
    def touched(self) -> bool:
        """Whether usage was above the limit and is not yet forgotten: flag OVERAGE."""
        return self.peak > 0

    @property
    def exhausted(self) -> bool:
        """Whether the limit itself is the cap now."""
        return self.spent_s >= TOLERANCES.overage_s

    def advance(self, elapsed_s: int, *, used: int, limit: int | None) -> Overdraft:
        """Let run time pass with this usage.

        Args:
            elapsed_s: run time since the last call.
            used: how much is used at the same time now.
            limit: what the license permits; None is without limit.
        """
        if limit is not None and used > limit:
            spent_s = min(self.spent_s + elapsed_s, TOLERANCES.overage_s)
            return Overdraft(spent_s, 0, max(self.peak, used))
        if not self.touched:
            return self
        within_s = self.within_s + elapsed_s
        if within_s >= TOLERANCES.overage_recover_s:
            return Overdraft()
        return replace(self, within_s=within_s)


def hard_cap(limit: int, percent: int | None) -> int:
    """Return the most that is ever permitted at once: ``floor(limit x (1 + %))``."""
    share = TOLERANCES.overdraft_percent if percent is None else percent
    return limit + limit * share // 100


def cap(limit: int | None, percent: int | None, overdraft: Overdraft) -> int | None:
    """Return how much may be used at once now; None is without limit."""
    if limit is None:
        return None
    return limit if overdraft.exhausted else hard_cap(limit, percent)
