"""Usage as the ledger knows it: numbers per hour, and no field that could hold a word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import reduce
from typing import TYPE_CHECKING, Final

from offline_license.dates import LATEST_S
from offline_license.fields import LARGEST_UINT
from offline_license.tolerances import HOUR_S

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "LARGEST_UINT32",
    "MODEL_BYTES",
    "Mode",
    "Outcome",
    "Totals",
    "UsageRow",
    "merge_rows",
]

LARGEST_UINT32: Final = 2**32 - 1
MODEL_BYTES: Final = 8


class Mode(IntEnum):
    """How speech was served."""

    BATCH = 0
    INTERACTIVE = 1
    LIVE = 2


class Outcome(IntEnum):
    """What became of a request."""

    SERVED = 0
    REFUSED = 1
    FAILED = 2
    CANCELED = 3


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Finished requests of one hour that have everything but their amounts in common.

    Attributes:
        hour_s: any second of the hour, UTC; it is kept as the first one.
        model: 8 bytes that stand for the model.
        mode, features, outcome: what was asked for, and what became of it.
        requests, audio_ms, chars: sums.
        peak_streams: the most requests at the same time.
    """

    hour_s: int
    model: bytes
    mode: Mode
    features: int
    outcome: Outcome
    requests: int
    audio_ms: int
    chars: int
    peak_streams: int

    def __post_init__(self) -> None:
        """Hold every number to its range.

        Raises:
            ValueError: one is outside it, or the model is not 8 bytes.
        """
        _hold("hour_s", self.hour_s, LATEST_S)
        object.__setattr__(self, "hour_s", self.hour_s - self.hour_s % HOUR_S)
        if len(self.model) != MODEL_BYTES:
            raise ValueError(f"model: expected {MODEL_BYTES} bytes")
        for name in ("features", "peak_streams"):
            _hold(name, getattr(self, name), LARGEST_UINT32)
        for name in ("requests", "audio_ms", "chars"):
            _hold(name, getattr(self, name), LARGEST_UINT)

    @property
    def key(self) -> tuple[int, bytes, int, int, int]:
        """What rows that can be added up have in common."""
        return self.hour_s, self.model, self.mode, self.features, self.outcome

    def __add__(self, other: UsageRow) -> UsageRow:
        """Add up two rows of one key."""
        return replace(
            self,
            requests=_sum(self.requests, other.requests),
            audio_ms=_sum(self.audio_ms, other.audio_ms),
            chars=_sum(self.chars, other.chars),
            peak_streams=max(self.peak_streams, other.peak_streams),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over many rows: requests by outcome, amounts, and the highest peak."""

    served: int = 0
    refused: int = 0
    failed: int = 0
    canceled: int = 0
    audio_ms: int = 0
    chars: int = 0
    peak_streams: int = 0

    @classmethod
    def of(cls, rows: Iterable[UsageRow]) -> Totals:
        """Add up rows."""
        return reduce(Totals.__add__, map(cls._of_row, rows), cls())

    @classmethod
    def _of_row(cls, row: UsageRow) -> Totals:
        amounts = cls(
            audio_ms=row.audio_ms, chars=row.chars, peak_streams=row.peak_streams
        )
        return replace(amounts, **{row.outcome.name.lower(): row.requests})

    def __add__(self, other: Totals) -> Totals:
        """Add two totals up; a sum stays inside what a record holds."""
        return Totals(
            served=_sum(self.served, other.served),
            refused=_sum(self.refused, other.refused),
            failed=_sum(self.failed, other.failed),
            canceled=_sum(self.canceled, other.canceled),
            audio_ms=_sum(self.audio_ms, other.audio_ms),
            chars=_sum(self.chars, other.chars),
            peak_streams=max(self.peak_streams, other.peak_streams),
        )

    @property
    def requests(self) -> int:
        """Requests of any outcome."""
        return self.served + self.refused + self.failed + self.canceled

    def counters(self) -> tuple[tuple[int, int], ...]:
        """Return what a renewal request says: requests, served, audio, characters."""
        numbers = self.requests, self.served, self.audio_ms, self.chars
        return tuple(enumerate(numbers, start=1))


def merge_rows(rows: Iterable[UsageRow]) -> tuple[UsageRow, ...]:
    """Add up the rows of each key, in the order of the keys."""
    merged: dict[tuple[int, bytes, int, int, int], UsageRow] = {}
    for row in rows:
        known = merged.get(row.key)
        merged[row.key] = row if known is None else known + row
    return tuple(merged[key] for key in sorted(merged))


def _hold(name: str, value: int, most: int) -> None:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{name}: expected a whole number from 0 to {most}")


def _sum(one: int, other: int) -> int:
    return min(one + other, LARGEST_UINT)
