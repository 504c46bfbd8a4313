"""Run readers side by side, and wait for none of them past a deadline.

A read can hang: a lost network mount, a driver, an engine that accepts and
never answers. Such a thread cannot be stopped; it is a daemon, so it keeps
nobody from leaving.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from installer.nvml.readings import Failed, Reading, Value

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Pending(Generic[T]):
    """A reading that is being taken."""

    def __init__(self, call: Callable[[], T], deadline_s: float) -> None:
        self._call = call
        self._deadline_s = deadline_s
        self._due = time.monotonic() + deadline_s
        self._outcome: Reading[T] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> Reading[T]:
        """Give the value, or why there is none; waits until the deadline at most."""
        self._thread.join(max(0.0, self._due - time.monotonic()))
        if self._outcome is None:
            return Failed(f"no answer within {self._deadline_s:g} s")
        return self._outcome

    def _run(self) -> None:
        try:
            self._outcome = Value(self._call())
        except Exception as error:  # noqa: BLE001  any failure is a reading
            self._outcome = Failed(_words(error))


def _words(error: Exception) -> str:
    text = str(error)
    return text or type(error).__name__
