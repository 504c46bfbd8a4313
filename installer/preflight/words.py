"""Numbers as an operator reads them."""

from __future__ import annotations

from typing import Final

_STEP: Final = 1024
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB")


def size(count: float) -> str:
    """Write a number of bytes: "512 MiB", "3.8 GiB"."""
    for unit in _UNITS:
        if count < _STEP:
            return f"{count:.0f} {unit}" if unit != "GiB" else f"{count:.1f} GiB"
        count /= _STEP
    return f"{count:.1f} TiB"
