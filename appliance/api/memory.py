"""A budget for the audio that the gateway holds, so that load cannot exhaust its memory."""

from appliance.api.errors import BusyError

_RETRY_AFTER_S = 5


class MemoryBudget:
    """Counts the bytes of all uploads in flight against one limit.

    Used from one event loop; nothing waits: what does not fit is refused.
    """

    def __init__(self, limit_bytes: int) -> None:
        """Start empty."""
        self.limit_bytes = limit_bytes
        self._used_bytes = 0

    @property
    def used_bytes(self) -> int:
        """What all uploads together hold now."""
        return self._used_bytes

    def open(self) -> "Holding":
        """Start a holding for one request."""
        return Holding(self)

    def take(self, size_bytes: int) -> None:
        """Count more bytes in.

        Raises:
            BusyError: they do not fit; nothing was counted.
        """
        if self._used_bytes + size_bytes > self.limit_bytes:
            raise BusyError(
                "the gateway holds as much audio as it may",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._used_bytes += size_bytes

    def give(self, size_bytes: int) -> None:
        """Count bytes out."""
        self._used_bytes -= size_bytes


class Holding:
    """The share of one request: promised by its length first, then grown by its bytes."""

    def __init__(self, budget: MemoryBudget) -> None:
        """Hold nothing yet."""
        self._budget = budget
        self._held_bytes = 0

    def reserve(self, size_bytes: int) -> None:
        """Make sure that the holding covers `size_bytes` in all.

        Raises:
            BusyError: the budget has no room.
        """
        if size_bytes > self._held_bytes:
            self._budget.take(size_bytes - self._held_bytes)
            self._held_bytes = size_bytes

    def shrink(self, size_bytes: int) -> None:
        """Give back what is above `size_bytes`."""
        if size_bytes < self._held_bytes:
            self._budget.give(self._held_bytes - size_bytes)
            self._held_bytes = size_bytes

    def release(self) -> None:
        """Give everything back; doing it twice is fine."""
        self.shrink(0)
