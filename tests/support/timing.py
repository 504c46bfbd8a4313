"""CPU time of a call, without what else the machine or the collector does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cpu_s"]


def cpu_s(call: Callable[[], object], *, tries: int = 3) -> float:
    """Return the CPU time of the fastest of a few calls, in seconds."""
    spent = []
    for _ in range(tries):
        started = time.process_time()
        call()
        spent.append(time.process_time() - started)
    return min(spent)
