"""A disk on which the power can fail while any byte is written.

It keeps what a journaling file system keeps: the records file byte by byte, and the
saved hour whole, the older or the newer one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offline_license.ledger import SLOT_BYTES

if TYPE_CHECKING:
    import random


class PowerCutError(BaseException):
    """The machine is off; no program notices any more."""


@dataclass
class CutDisk:
    """Files of a ledger in memory.

    Attributes:
        chance: decides what a cut leaves behind.
        left: bytes until the power fails; None while it does not.
        full: whether every write is refused, as by a full disk.
    """

    chance: random.Random
    left: int | None = None
    full: bool = False
    records: bytes = b""
    hours: list[bytes] = field(default_factory=list)

    def read_records(self) -> bytes:
        """Return what is on the disk."""
        return self.records

    def write_records(self, index: int, slots: bytes) -> None:
        """Write as much as the power lasts; the disk may hold anything behind it."""
        self._refuse_when_full()
        begin = index * SLOT_BYTES
        before = self.records[:begin].ljust(begin, b"\0")
        written = self._spend(len(slots))
        self.records = before + slots[:written]
        if written < len(slots):
            self.records += self.chance.randbytes(self.chance.choice([0, 0, 3, 200]))
            raise PowerCutError

    def load_hour(self) -> bytes | None:
        """Return the saved hour."""
        return self.hours[-1] if self.hours else None

    def save_hour(self, body: bytes) -> None:
        """Replace the saved hour, or leave the older one."""
        self._refuse_when_full()
        if self._spend(len(body)) < len(body):
            raise PowerCutError
        self.hours = [body]

    def _spend(self, size: int) -> int:
        """Return how many bytes are written before the power fails."""
        if self.left is None:
            return size
        written = min(size, self.left)
        self.left -= written
        return written

    def _refuse_when_full(self) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
