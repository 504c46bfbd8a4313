"""This machine: processor, memory, disks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.dashboard.model import Card, Level, Row, Section
from installer.dashboard.words import duration, share, size, unknown
from installer.host_metrics import DiskUse, HostMetrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.protocol import Status

_NEARLY_FULL: Final = 90.0


def host(status: Status) -> Section:
    """Show the figures of the host, or that there are none."""
    metrics = host_metrics(status)
    if metrics is None:
        return Section("host", "This machine", note="The engine gave no figures.")
    disks = tuple(_disk(disk) for disk in metrics.disks)
    cards = (_processor(metrics), _memory(metrics), *disks)
    return Section("host", "This machine", cards)


def host_metrics(status: Status) -> HostMetrics | None:
    """Read the figures of the host from the status; None where they are unusable."""
    try:
        return HostMetrics.from_json(status.host)
    except ValueError:
        return None


def _processor(metrics: HostMetrics) -> Card:
    rows = [
        Row("Load", f"{metrics.load_1m:.1f}", f"on {metrics.cpu_count} cores"),
        Row("Up for", duration(metrics.uptime_s)),
    ]
    if metrics.cpu_percent is None:
        rows.insert(0, unknown("In use", "needs a second measurement"))
    else:
        value = f"{metrics.cpu_percent:.0f} %"
        rows.insert(0, Row("In use", value, percent=metrics.cpu_percent))
    return Card("Processor", Level.OK, f"{metrics.cpu_count} cores", tuple(rows))


def _memory(metrics: HostMetrics) -> Card:
    return Card("Memory", *_fill(_used_memory(metrics)), tuple(_memory_rows(metrics)))


def _used_memory(metrics: HostMetrics) -> float:
    used = metrics.memory_total_bytes - metrics.memory_available_bytes
    return share(used, metrics.memory_total_bytes) or 0.0


def _memory_rows(metrics: HostMetrics) -> Iterator[Row]:
    used = metrics.memory_total_bytes - metrics.memory_available_bytes
    yield Row(
        "In use",
        f"{size(used)} of {size(metrics.memory_total_bytes)}",
        percent=_used_memory(metrics),
    )
    if metrics.swap_used_bytes:
        yield Row("Swapped out", size(metrics.swap_used_bytes))


def _disk(disk: DiskUse) -> Card:
    used = share(disk.total_bytes - disk.free_bytes, disk.total_bytes) or 0.0
    value = f"{size(disk.free_bytes)} of {size(disk.total_bytes)}"
    rows = (Row("Free", value), Row("In use", f"{used:.0f} %", percent=used))
    return Card(f"Disk: {disk.label}", *_fill(used), rows, note=disk.path)


def _fill(percent: float) -> tuple[Level, str]:
    if percent >= _NEARLY_FULL:
        return Level.WARNING, "nearly full"
    return Level.OK, "enough free"
