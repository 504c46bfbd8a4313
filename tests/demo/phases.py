"""Run each phase of the demo as a user would, timing it and its peak memory."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAMS: Final = ROOT / ".venv/bin"
BUILD: Final = ROOT / "build/demo"


class DemoFailed(Exception):  # noqa: N818  it is an outcome more than an error
    """A phase failed; its own words are already on the screen."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase cost: wall time, and the largest resident set of its programs."""

    name: str
    wall_s: float
    peak_mib: float


@dataclass(slots=True)
class Demo:
    """The phases so far."""

    phases: list[Phase] = field(default_factory=list)
    _peak_kib: int = 0

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Announce a phase, then record what it cost."""
        print(f"\n== {name}", flush=True)
        self._peak_kib, began = 0, time.monotonic()
        yield
        wall_s = time.monotonic() - began
        self.phases.append(Phase(name, round(wall_s, 1), round(self._peak_kib / 1024)))

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run one of our programs with its output on the screen.

        Raises:
            DemoFailed: it ended with another status than 0.
        """
        command = [str(PROGRAMS / program), *map(str, arguments)]
        print(f"$ {program} {' '.join(_short(str(word)) for word in arguments)}")
        status = self._wait(subprocess.Popen(command, cwd=ROOT))
        if status:
            raise DemoFailed(f"{program} {arguments[0]} ended with status {status}")

    def read(self, program: str, *arguments: str | Path) -> str:
        """Run one of our programs and return what it printed."""
        command: Sequence[str] = [str(PROGRAMS / program), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise DemoFailed(f"{program} {arguments[0]} ended with {done.returncode}")
        return done.stdout

    def note_process(self, pid: int) -> None:
        """Count a process that works for this phase, such as the engine."""
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        self._peak_kib = max(self._peak_kib, int(peak.split()[1]))

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        _, status, usage = os.wait4(process.pid, 0)
        self._peak_kib = max(self._peak_kib, usage.ru_maxrss)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode


def _short(word: str) -> str:
    return word.removeprefix(f"{ROOT}/")
