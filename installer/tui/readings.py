"""From the engine's figures to words: pure functions for the status page.

A figure that is missing is "not available", never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from installer.gpu.wire import parse_view
from installer.nvml.model import GpuDevice, GpuView, Trouble
from installer.nvml.readings import Reading, Value, value_or

MISSING = "not available"
Json = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A part of a whole, in percent, with its words; None is not available."""

    label: str
    percent: float | None
    words: str


def number(data: Json, *path: str) -> float | None:
    """Return a number deep in JSON, or None."""
    value: JsonValue | Json = data
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def word(data: Json, *names: str) -> str | None:
    """Return the first text found under one of the names, or None."""
    for name in names:
        value = data.get(name)
        if isinstance(value, str) and value:
            return value
    return None


def instant(data: Json, *names: str) -> datetime | None:
    """Return the first instant found: ISO text or seconds since 1970."""
    for name in names:
        value = data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                continue
    return None


def days_left(until: datetime, now: datetime) -> str:
    """Say how long something still holds, or for how long it no longer does."""
    seconds = (until - now).total_seconds()
    days = int(abs(seconds) // 86400)
    unit = "day" if days == 1 else "days"
    if seconds < 0:
        return f"{days} {unit} ago"
    return f"{days} {unit} left" if days else "ends today"


def parse_gpus(data: Json | None) -> GpuView | None:
    """Return the view of the GPU poller, or None when there is none to read."""
    if data is None:
        return None
    try:
        return parse_view(dict(data))
    except ValueError:
        return None


def gpu_words(view: GpuView | None) -> str | None:
    """Say in words why there are no GPU rows; None when there are some."""
    if view is None or view.report is None:
        return "The GPU probe has not answered yet."
    if view.report.devices:
        return None
    if view.report.trouble in (None, Trouble.LIBRARY_MISSING):
        return "CPU mode: no NVIDIA GPU is used; speech is recognized on the processor."
    return f"The driver does not tell: {view.report.detail or view.report.trouble}"


def reading(value: Reading[int] | Reading[float], unit: str) -> str:
    """Return a reading with its unit, or that it is not available."""
    return f"{value.value:.0f} {unit}" if isinstance(value, Value) else MISSING


def gpu_memory(device: GpuDevice) -> tuple[int | None, int | None]:
    """Return used and total memory of a card in bytes."""
    used: int | None = value_or(device.memory_used_bytes, None)  # type: ignore[arg-type]
    total: int | None = value_or(device.memory_total_bytes, None)  # type: ignore[arg-type]
    return used, total
