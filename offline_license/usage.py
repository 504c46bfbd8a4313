"""Usage as the ledger knows it: numbers per hour, and no field that could hold a word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["Mode", "Outcome", "UsageRow"]


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
        hour_s: begin of the hour, seconds UTC.
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
