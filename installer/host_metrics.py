"""Figures of this host for the status screens: processor, memory, disks.

Whatever cannot be read is None or left out, never zero.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
from pydantic import JsonValue, TypeAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["DiskUse", "HostMetrics", "HostSampler"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """One file system, once, under the first label that names it."""

    label: str
    path: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostMetrics:
    """The host at one moment.

    Attributes:
        cpu_percent: of all cores together, 0 to 100, since the sample before;
            None in the first sample.
        load_1m: processes that ran or waited, averaged over a minute.
    """

    taken_at: float
    uptime_s: float
    cpu_count: int
    cpu_percent: float | None
    load_1m: float
    memory_total_bytes: int
    memory_available_bytes: int
    swap_used_bytes: int
    disks: tuple[DiskUse, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Give the figures as the JSON object that viewers receive."""
        data: dict[str, JsonValue] = _METRICS.dump_python(self, mode="json")
        return data

    @classmethod
    def from_json(cls, data: object) -> HostMetrics:
        """Read back what `to_json` gave.

        Raises:
            ValueError: it is something else.
        """
        return _METRICS.validate_python(data)


class HostSampler:
    """Samples the host; keeps the processor times of the sample before."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._before: tuple[float, float] | None = None

    def sample(self, places: Mapping[str, Path]) -> HostMetrics:
        """Read the figures now.

        Args:
            places: folders whose file systems are shown, by label.
        """
        memory = psutil.virtual_memory()
        return HostMetrics(
            taken_at=self._wall(),
            uptime_s=max(0.0, self._wall() - psutil.boot_time()),
            cpu_count=os.cpu_count() or 1,
            cpu_percent=self._cpu_percent(),
            load_1m=os.getloadavg()[0],
            memory_total_bytes=memory.total,
            memory_available_bytes=memory.available,
            swap_used_bytes=psutil.swap_memory().used,
            disks=tuple(_disks(places)),
        )

    def _cpu_percent(self) -> float | None:
        times = psutil.cpu_times()
        # Guest time is contained in user time already (man 5 proc).
        total = sum(times) - times.guest - times.guest_nice
        idle = times.idle + times.iowait
        before, self._before = self._before, (total, idle)
        if before is None or total <= before[0]:
            return None
        busy = 1 - (idle - before[1]) / (total - before[0])
        return round(100 * min(1.0, max(0.0, busy)), 1)


def _disks(places: Mapping[str, Path]) -> Iterator[DiskUse]:
    seen: set[int] = set()
    for label, path in places.items():
        with contextlib.suppress(OSError):
            device, figures = path.stat().st_dev, os.statvfs(path)
            if device not in seen:
                seen.add(device)
                yield DiskUse(
                    label=label,
                    path=str(path),
                    total_bytes=figures.f_blocks * figures.f_frsize,
                    free_bytes=figures.f_bavail * figures.f_frsize,
                )


_METRICS = TypeAdapter(HostMetrics)
