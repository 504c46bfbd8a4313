"""What reading a file may cost: 50 ms of CPU and 20 MB of memory.

CPU time and not wall time, and the fastest of three, so that a busy machine changes
nothing; genuine objects take less than a hundredth of it.
"""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Final

from tests.support.license_readers import Reader, read
from tests.support.timing import cpu_s

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MOST_BYTES", "MOST_S", "check_bounds", "peak_bytes"]

MOST_S: Final = 0.050
MOST_BYTES: Final = 20_000_000


def peak_bytes(call: Callable[[], object]) -> int:
    """Return the most memory that Python held at once during a call, in bytes."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check_bounds(reader: Reader, data: bytes) -> None:
    """Read bytes and hold the reader to its bounds.

    Raises:
        AssertionError: too slow or too large; anything else is the reader's.
    """
    spent = cpu_s(lambda: read(reader, data))
    assert spent <= MOST_S, f"expected at most {MOST_S} s of CPU, found {spent:.3f}"
    held = peak_bytes(lambda: read(reader, data))
    assert held <= MOST_BYTES, f"expected at most {MOST_BYTES} bytes, found {held}"
