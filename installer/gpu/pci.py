"""NVIDIA GPUs on the PCI bus, seen without the driver's help."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_VENDOR: Final = "0x10de"
_DISPLAY_CLASSES: Final = ("0x0300", "0x0302")


def nvidia_gpus(root: Path = Path("/")) -> tuple[str, ...]:
    """Give the bus ids of NVIDIA display and 3D controllers, sorted."""
    return tuple(sorted(_gpus(root)))


def _gpus(root: Path) -> Iterator[str]:
    for device in (root / "sys/bus/pci/devices").glob("*"):
        with contextlib.suppress(OSError):
            vendor = (device / "vendor").read_text().strip()
            kind = (device / "class").read_text()
            if vendor == _VENDOR and kind.startswith(_DISPLAY_CLASSES):
                yield device.name
