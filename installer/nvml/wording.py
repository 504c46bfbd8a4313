"""The words of this package: errors, clock limits and versions of the driver.

Pure functions over numbers, so that the child process, the findings and the
tests say the same thing.

Source: nvml.h of the NVIDIA management library, return codes and the
`nvmlClocksEventReason*` bits.
"""

from __future__ import annotations

from typing import Final

from installer.nvml.model import Trouble

NOT_SUPPORTED: Final = 3
NO_PERMISSION: Final = 4
NOT_FOUND: Final = 6
DRIVER_NOT_LOADED: Final = 9
LIBRARY_NOT_FOUND: Final = 12
FUNCTION_NOT_FOUND: Final = 13
GPU_IS_LOST: Final = 15
VERSION_MISMATCH: Final = 18
ARGUMENT_VERSION_MISMATCH: Final = 25

_TROUBLES: Final = {
    NO_PERMISSION: Trouble.NO_PERMISSION,
    DRIVER_NOT_LOADED: Trouble.DRIVER_NOT_LOADED,
    LIBRARY_NOT_FOUND: Trouble.LIBRARY_MISSING,
    GPU_IS_LOST: Trouble.GPU_LOST,
    VERSION_MISMATCH: Trouble.VERSION_MISMATCH,
}

_FAILURES: Final = {
    NO_PERMISSION: "no permission to read it",
    NOT_FOUND: "not found by the driver",
    GPU_IS_LOST: "the GPU is lost: it fell off the bus",
    16: "the GPU needs a reset",
    999: "the driver gave an unknown error",
}

_IDLE: Final = 0x1
_SLOW_REASONS: Final = (
    (0x2, "clocks are set by an application"),
    (0x4, "power limit reached"),
    (0x8, "hardware slowdown (temperature, power brake or supply)"),
    (0x10, "kept in step with other GPUs"),
    (0x20, "software slowdown for temperature"),
    (0x40, "hardware slowdown for temperature"),
    (0x80, "power brake from the power supply"),
    (0x100, "clocks are held by the display"),
)


def trouble_of(code: int) -> Trouble:
    """Name the start-up trouble for an NVML return code."""
    return _TROUBLES.get(code, Trouble.OTHER)


def failure_text(code: int) -> str:
    """Say in words why a single field could not be read."""
    return _FAILURES.get(code, f"the driver answered with error {code}")


def slow_reasons(mask: int) -> tuple[str, ...]:
    """Say why the clocks are below their maximum.

    Args:
        mask: bits of `nvmlDeviceGetCurrentClocksEventReasons`. The idle bit
            alone is no reason to worry and gives an empty tuple.

    Returns:
        One phrase a reason; bits unknown to us are named by number.
    """
    known = tuple(words for bit, words in _SLOW_REASONS if mask & bit)
    rest = mask & ~(_IDLE | sum(bit for bit, _ in _SLOW_REASONS))
    return (*known, f"unknown reason {rest:#x}") if rest else known


def cuda_version(number: int) -> str:
    """Turn 12040 into "12.4"."""
    return f"{number // 1000}.{number % 1000 // 10}"
