"""From the engine's JSON to typed figures and words: pure functions.

A figure that is missing is "not available", never zero.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from installer.gpu import GpuView, Reading, Value, kinds, parse_view, view_findings
from installer.host_metrics import HostMetrics

MISSING = "not available"
Json = Mapping[str, JsonValue]


def read_host(data: Json) -> HostMetrics | None:
    """Read the figures of the host; None when there are none."""
    try:
        return HostMetrics.from_json(dict(data))
    except ValueError:
        return None


def read_gpus(data: Json | None) -> GpuView | None:
    """Read the view of the GPU poller; None when there is none."""
    try:
        return None if data is None else parse_view(dict(data))
    except ValueError:
        return None


def days_left(until: datetime, now: datetime) -> str:
    """Say how long something still holds, or for how long it no longer does."""
    seconds = (until - now).total_seconds()
    days = int(abs(seconds) // 86400)
    unit = "day" if days == 1 else "days"
    if seconds < 0:
        return f"{days} {unit} ago" if days else "ended today"
    return f"{days} {unit} left" if days else "ends today"


def why_no_gpu(view: GpuView | None) -> str | None:
    """Say in words why there is no GPU to show; None when there is one."""
    if view is None or view.report is None:
        return "The GPU probe has not answered yet."
    if view.report.devices:
        return None
    found = view_findings(view)
    if found and found[0].code != kinds.NO_GPU.code:
        return f"{found[0].title}. {found[0].remedy}"
    return "CPU mode: no NVIDIA GPU; speech is recognized on the processor."


def figure(value: Reading[int] | Reading[float], unit: str) -> str:
    """Return a reading with its unit, or n/a; for columns of a table."""
    return f"{value.value:.0f} {unit}" if isinstance(value, Value) else "n/a"


def optional(value: Reading[int]) -> int | None:
    """Return a reading's value, or None."""
    return value.value if isinstance(value, Value) else None
