"""A program on a real pseudo terminal: its output, its keys, its end."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
SIZE = struct.pack("HHHH", 24, 80, 0, 0)


class PseudoTerminal:
    """Start a Python module with a terminal of 80x24 as its controlling one."""

    def __init__(self, *module: str, env: Mapping[str, str]) -> None:
        self.output = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            args = [sys.executable, "-m", *module]
            os.execve(sys.executable, args, {"PATH": os.environ["PATH"], **env})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, SIZE)
        self.modes_before = termios.tcgetattr(self.fd)[3]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        self.hang_up()

    def read_until(self, words: bytes, deadline_s: float = 30.0) -> None:
        """Collect output until it holds some words."""
        end = time.monotonic() + deadline_s
        while words not in self.output:
            assert time.monotonic() < end, self.output[-2000:]
            self._read()

    def _read(self) -> bool:
        if not select.select([self.fd], [], [], 0.1)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.output += data
        return bool(data)

    def press(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self.fd, keys)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def wait(self, deadline_s: float = 10.0) -> int:
        """Wait for the end and return the exit code; negative is a signal."""
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            if self.fd >= 0:
                self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.fd >= 0 and self._drain():
                    pass
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("the program did not end")

    def _drain(self) -> bool:
        before = len(self.output)
        return self._read() and len(self.output) > before
