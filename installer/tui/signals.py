"""SIGTERM and SIGHUP end the program as a key would: the terminal is restored.

Textual installs no handler for them, and the default action leaves a dead
alternate screen with mouse reporting on. After a hang-up there is no terminal
to restore, so a deadline ends the process in any case.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer

from textual.app import App

CAUGHT = (signal.SIGTERM, signal.SIGHUP)
DEADLINE_S = 2.0
_BASE = 128


@dataclass(slots=True)
class EndedBy:
    """The signal that ended the program, if one did."""

    signal_number: int | None = None

    def exit_code(self, usual: int) -> int:
        """Return 128 plus the signal, as a shell does, else the usual code."""
        return usual if self.signal_number is None else _BASE + self.signal_number


@contextmanager
def orderly_end(app: App[str], ended_by: EndedBy) -> Iterator[None]:
    """Turn the signals into an exit of `app`; to be used inside its event loop."""
    loop = asyncio.get_running_loop()

    def leave(number: signal.Signals) -> None:
        ended_by.signal_number = number
        deadline = Timer(DEADLINE_S, os._exit, [_BASE + number])
        deadline.daemon = True
        deadline.start()
        app.exit("")

    for one in CAUGHT:
        loop.add_signal_handler(one, leave, one)
    try:
        yield
    finally:
        for one in CAUGHT:
            loop.remove_signal_handler(one)
