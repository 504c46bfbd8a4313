"""End a program by ``kill -9`` at every system call that changes a disk.

A child process runs the work; the interpreter tells of each call of a function in C,
and right before the chosen one the child kills itself. So whatever can be on the disk
between two calls is left there once.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["deaths"]

_CALLS = frozenset(["chmod", "flush", "fsync", "mkdir", "replace", "unlink"])
"""Calls that change what a disk holds; a new file is seen at its ``chmod``."""

_MOST = 2000


def deaths(work: Callable[[], object], reset: Callable[[], object]) -> Iterator[int]:
    """Run the work again and again, dying a call later each time.

    Yields after each death, for the caller to look at what is left; ``reset`` is called
    before each run. Ends when the work was done without dying.

    Args:
        work: what is to be interrupted; it runs in a child process.
        reset: puts the state before the work back.
    """
    for at in range(1, _MOST):
        reset()
        status = _run(work, at)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
            return
        assert os.WTERMSIG(status) == signal.SIGKILL
        yield at
    raise AssertionError("the work never ends")


def _run(work: Callable[[], object], at: int) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            sys.setprofile(_Watch(at))
            work()
            sys.setprofile(None)
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


class _Watch:
    """Counts the calls that change a disk."""

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self, _frame: FrameType, event: str, function: object) -> None:
        if event == "c_call" and getattr(function, "__name__", "") in _CALLS:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
