"""Follow the GPUs for hours, whatever the driver does.

One long-lived child reports every few seconds. When it falls silent past the
deadline the view says since when; the child is left alone, because a driver
that recovers lets it go on. After `give_up_s` it is killed, and a new one starts
only when the old one is really gone: a process stuck in the kernel must not
multiply. On a host without a driver the child ends at once and is tried again
after pauses that double up to `longest_pause_s`: a host without a GPU pays
almost nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from installer.gpu.pci import nvidia_gpus
from installer.gpu.probe import CHILD
from installer.gpu.wire import MAX_LINE_BYTES, parse_report
from installer.nvml.model import GpuReport, GpuView, Trouble, XidEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_XIDS_KEPT: Final = 256
_REAP_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to ask, and how long to wait, in seconds.

    Attributes:
        interval_s: pause between two reports.
        deadline_s: silence after which the driver counts as not responding.
        start_s: the same for the first report of a child: without NVIDIA's
            persistence mode the driver wakes every card first.
        give_up_s: silence after which the child is killed.
        first_pause_s: pause before a child that ended is started again.
        longest_pause_s: what this pause doubles up to while nothing gets better.
    """

    interval_s: float = 2.0
    deadline_s: float = 8.0
    start_s: float = 30.0
    give_up_s: float = 60.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 300.0


_DEFAULT_PACE: Final = Pace()


class _Outcome(Enum):
    """How listening to one child came to an end."""

    REPORTED = auto()
    ENDED_WITHOUT_A_WORD = auto()
    GIVEN_UP = auto()


class GpuPoller:
    """The latest GPU report, refreshed by a child process.

    Args:
        pace: the pauses and deadlines.
        command: the child; `--interval` is appended.
        wall: seconds since 1970, for what is shown.
    """

    def __init__(
        self,
        pace: Pace = _DEFAULT_PACE,
        *,
        command: Sequence[str] = CHILD,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._command = (*command, "--interval", str(pace.interval_s))
        self._pace = pace
        self._pause_s = pace.first_pause_s
        self._wall = wall
        self._report: GpuReport | None = None
        self._heard_wall = 0.0
        self._heard_at = 0.0
        self._silent_since: float | None = None
        self._pci_gpus = 0
        self._xids: deque[XidEvent] = deque(maxlen=_XIDS_KEPT)
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Begin to follow the GPUs."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="gpu-poller")

    async def stop(self) -> None:
        """Stop, without waiting for a driver that hangs."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    def view(self) -> GpuView:
        """Give what is known now, with its age."""
        age_s = asyncio.get_running_loop().time() - self._heard_at
        return GpuView(
            report=self._report,
            age_s=None if self._report is None else max(0.0, age_s),
            not_responding_since=self._silent_since,
            pci_gpus=self._pci_gpus,
        )

    async def changed(self) -> GpuView:
        """Wait for the next change, and give the view."""
        self._changed.clear()
        await self._changed.wait()
        return self.view()

    async def _run(self) -> None:
        while True:
            try:
                await self._follow_child()
            except OSError as error:  # no memory or no descriptor for a child now
                self._accept(_crashed(self._wall(), f"not started: {error}"))
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, self._pace.longest_pause_s)

    async def _follow_child(self) -> None:
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=MAX_LINE_BYTES,
            start_new_session=True,
        )
        self._pci_gpus = len(nvidia_gpus())
        if self._report is None:
            self._note_heard()
        try:
            outcome = await self._listen(child)
            await _reap(child)
            _kill(child)
            status = await child.wait()
            if outcome is _Outcome.ENDED_WITHOUT_A_WORD:
                self._accept(_crashed(self._wall(), f"its status: {status}"))
        finally:
            _kill(child)
            await _reap(child)

    async def _listen(self, child: asyncio.subprocess.Process) -> _Outcome:
        """Take the child's reports until it ends or is given up."""
        if child.stdout is None:
            raise RuntimeError("the child was started without a pipe")
        outcome = _Outcome.ENDED_WITHOUT_A_WORD
        reading = asyncio.ensure_future(child.stdout.readline())
        try:
            while await self._has_line(reading, first=outcome is not _Outcome.REPORTED):
                line = reading.result()
                if not line:
                    return outcome
                with contextlib.suppress(ValueError):  # not a report: it does not count
                    self._accept(parse_report(line))
                    outcome = _Outcome.REPORTED
                reading = asyncio.ensure_future(child.stdout.readline())
        except ValueError:
            return outcome  # a line beyond the limit: the child is not sane
        finally:
            reading.cancel()
        return _Outcome.GIVEN_UP

    async def _has_line(self, reading: asyncio.Future[bytes], *, first: bool) -> bool:
        """Wait for a line or the end of them; False when the child is given up."""
        deadline_s = self._pace.start_s if first else self._pace.deadline_s
        done, _ = await asyncio.wait({reading}, timeout=deadline_s)
        if not done:
            self._mark_silent()
            rest_s = max(0.0, self._pace.give_up_s - deadline_s)
            done, _ = await asyncio.wait({reading}, timeout=rest_s)
        return bool(done)

    def _accept(self, report: GpuReport) -> None:
        self._xids.extend(report.xids)
        self._report = dataclasses.replace(report, xids=tuple(self._xids))
        if report.trouble is None:
            self._pause_s = self._pace.first_pause_s
        self._note_heard()
        self._silent_since = None
        self._changed.set()

    def _note_heard(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        self._heard_wall = self._wall()

    def _mark_silent(self) -> None:
        if self._silent_since is None:
            self._silent_since = self._heard_wall
        self._changed.set()


def _kill(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()


async def _reap(child: asyncio.subprocess.Process) -> None:
    """Wait a moment for a child that ends; one stuck in the kernel is left behind.

    A signal to a child that has just ended makes asyncio lose its status, so this
    comes first. Not by `wait_for`: before Python 3.12 it can swallow a cancellation.
    """
    if child.returncode is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REAP_S):
                await child.wait()


def _crashed(wall: float, how: str) -> GpuReport:
    return GpuReport(taken_at=wall, trouble=Trouble.CRASHED, detail=f"the child, {how}")
