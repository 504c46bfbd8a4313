"""Slow down who tries codes: a bucket of tries that fills with run time."""

from __future__ import annotations

__all__ = ["Tries"]


class Tries:
    """Allows ``burst`` tries at once, then one per ``every_s`` of run time.

    It guards typed codes only: installing a license file is never slowed down.
    """

    def __init__(self, *, burst: int = 10, every_s: int = 60) -> None:
        self._burst = burst
        self._every_s = every_s
        self._left = burst
        self._since_s = 0

    def take(self, now_s: int) -> int:
        """Take one try; return 0, or the seconds to wait for the next.

        Args:
            now_s: run time of the host; the program starts anew after a boot.
        """
        earned = (now_s - self._since_s) // self._every_s
        self._since_s += earned * self._every_s
        self._left = min(self._burst, self._left + earned)
        if self._left == 0:
            return self._since_s + self._every_s - now_s
        self._left -= 1
        return 0
