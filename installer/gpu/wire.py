"""From the child's line to a `GpuReport`; a line that is not one is an error."""

from __future__ import annotations

from typing import Final

from pydantic import JsonValue, TypeAdapter

from installer.nvml.model import GpuReport, GpuView

MAX_LINE_BYTES: Final = 4 * 1024 * 1024

_REPORTS: Final = TypeAdapter(GpuReport)
_VIEWS: Final = TypeAdapter(GpuView)


def parse_report(line: bytes) -> GpuReport:
    """Parse one line of the child.

    Raises:
        ValueError: the line is too long or no report.
    """
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"the report has {len(line)} bytes, at most {MAX_LINE_BYTES}")
    return _REPORTS.validate_json(line)


def view_json(view: GpuView) -> dict[str, JsonValue]:
    """Give the view as the JSON object that viewers receive."""
    data: dict[str, JsonValue] = _VIEWS.dump_python(view, mode="json")
    return data


def parse_view(data: object) -> GpuView:
    """Read back what `view_json` gave.

    Raises:
        ValueError: it is something else.
    """
    return _VIEWS.validate_python(data)
