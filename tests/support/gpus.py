"""Simulated GPUs and statuses for tests of preflight, GPU findings and dashboard."""

from __future__ import annotations

import dataclasses
from typing import Any

from installer.nvml.model import (
    READING_FIELDS,
    GpuDevice,
    GpuProcess,
    GpuReport,
    RemappedRows,
)
from installer.nvml.readings import Unsupported, Value

MIB = 1024 * 1024
TAKEN_AT = 1_795_000_000.0

_H100: dict[str, Any] = {
    "uuid": "GPU-5f0c1b52-0000-4000-8000-000000000000",
    "name": "NVIDIA H100 PCIe",
    "bus_id": "00000000:17:00.0",
    "serial": "1654923001234",
    "memory_total_bytes": 81_559 * MIB,
    "memory_used_bytes": 6_120 * MIB,
    "memory_free_bytes": 75_439 * MIB,
    "utilization_percent": 37,
    "memory_utilization_percent": 21,
    "temperature_c": 54,
    "temperature_limit_c": 87,
    "fan_percent": 40,
    "power_w": 212.4,
    "power_limit_w": 350.0,
    "clock_sm_mhz": 1410,
    "clock_sm_max_mhz": 1980,
    "clock_memory_mhz": 1593,
    "clock_memory_max_mhz": 1593,
    "performance_state": 0,
    "slow_reasons": (),
    "pcie_gen": 5,
    "pcie_gen_max": 5,
    "pcie_width": 16,
    "pcie_width_max": 16,
    "pcie_replays": 0,
    "ecc_enabled": True,
    "ecc_corrected": 0,
    "ecc_uncorrected": 0,
    "remapped": RemappedRows(0, 0, pending=False, failed=False),
    "compute_capability": "9.0",
    "persistence": True,
    "mig_enabled": False,
    "processes": (GpuProcess(4711, 6_000 * MIB),),
}


def gpu_device(index: int = 0, **changes: object) -> GpuDevice:
    """Build a healthy card; `changes` are plain values or readings."""
    fields: dict[str, Any] = {name: Value(value) for name, value in _H100.items()}
    fields["uuid"] = Value(f"GPU-5f0c1b52-0000-4000-8000-{index:012d}")
    device = GpuDevice(index=index, **fields)
    readings = {
        name: change if dataclasses.is_dataclass(change) else Value(change)
        for name, change in changes.items()
        if name != "remapped"
    }
    if "remapped" in changes:
        readings["remapped"] = Value(changes["remapped"])
    replaced: GpuDevice = dataclasses.replace(device, **readings)  # type: ignore[arg-type]
    return replaced


def bare_gpu_device(index: int = 0) -> GpuDevice:
    """Build a card that offers no field at all."""
    fields: dict[str, Any] = dict.fromkeys(
        READING_FIELDS, Unsupported("not supported by this GPU")
    )
    return GpuDevice(index=index, **fields)


def gpu_report(*devices: GpuDevice, **changes: Any) -> GpuReport:  # noqa: ANN401
    """Build a report of an open driver; without devices, of one healthy card."""
    return GpuReport(
        taken_at=TAKEN_AT,
        driver_version=changes.pop("driver_version", Value("570.124.06")),
        nvml_version=Value("12.570.124.06"),
        cuda_version=Value("12.8"),
        devices=devices or (gpu_device(),),
        **changes,
    )
