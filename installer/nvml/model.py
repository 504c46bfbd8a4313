"""What is known about the GPUs of this host at one moment.

Every fact of a device is a `Reading`: cards, drivers and virtual machines each
leave something out. Sizes are bytes, temperatures degrees Celsius, power watts,
clocks MHz, times seconds since 1970 (UTC).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from installer.nvml.readings import Failed, Reading, Unsupported

_NOT_REACHED: Final = Unsupported("the driver was not reached")


class Trouble(StrEnum):
    """Why the driver's management library told us nothing at all."""

    LIBRARY_MISSING = "library_missing"
    DRIVER_NOT_LOADED = "driver_not_loaded"
    VERSION_MISMATCH = "version_mismatch"
    GPU_LOST = "gpu_lost"
    NO_PERMISSION = "no_permission"
    NOT_RESPONDING = "not_responding"
    CRASHED = "crashed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RemappedRows:
    """Memory rows the card has replaced by spare ones."""

    correctable: int
    uncorrectable: int
    pending: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class MigDevice:
    """One slice of a GPU that is split by MIG."""

    uuid: Reading[str]
    name: Reading[str]
    memory_total_bytes: Reading[int]
    memory_used_bytes: Reading[int]


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A program that holds memory on a GPU."""

    pid: int
    memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class XidEvent:
    """A fault the driver reported about one GPU."""

    at: float
    gpu_uuid: str
    xid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuDevice:
    """One physical GPU."""

    index: int
    uuid: Reading[str]
    name: Reading[str]
    bus_id: Reading[str]
    serial: Reading[str]
    memory_total_bytes: Reading[int]
    memory_used_bytes: Reading[int]
    memory_free_bytes: Reading[int]
    utilization_percent: Reading[int]
    memory_utilization_percent: Reading[int]
    temperature_c: Reading[int]
    temperature_limit_c: Reading[int]
    fan_percent: Reading[int]
    power_w: Reading[float]
    power_limit_w: Reading[float]
    clock_sm_mhz: Reading[int]
    clock_sm_max_mhz: Reading[int]
    clock_memory_mhz: Reading[int]
    clock_memory_max_mhz: Reading[int]
    performance_state: Reading[int]
    slow_reasons: Reading[tuple[str, ...]]
    pcie_gen: Reading[int]
    pcie_gen_max: Reading[int]
    pcie_width: Reading[int]
    pcie_width_max: Reading[int]
    pcie_replays: Reading[int]
    ecc_enabled: Reading[bool]
    ecc_corrected: Reading[int]
    ecc_uncorrected: Reading[int]
    remapped: Reading[RemappedRows]
    compute_capability: Reading[str]
    persistence: Reading[bool]
    mig_enabled: Reading[bool]
    processes: Reading[tuple[GpuProcess, ...]]
    mig_devices: tuple[MigDevice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuReport:
    """All GPUs at `taken_at`, or the trouble that hid them."""

    taken_at: float
    trouble: Trouble | None = None
    detail: str = ""
    driver_version: Reading[str] = _NOT_REACHED
    nvml_version: Reading[str] = _NOT_REACHED
    cuda_version: Reading[str] = _NOT_REACHED
    devices: tuple[GpuDevice, ...] = ()
    xids: tuple[XidEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuView:
    """The latest report of the poller, and how fresh it is.

    Attributes:
        report: None until the driver, or its absence, was first seen.
        not_responding_since: when the driver was last heard, while it is silent.
        pci_gpus: NVIDIA GPUs on the PCI bus, driver or not.
    """

    report: GpuReport | None = None
    age_s: float | None = None
    not_responding_since: float | None = None
    pci_gpus: int = 0


def lost_device(index: int, why: str) -> GpuDevice:
    """Build the row of a GPU that answers nothing, so that it is not forgotten."""
    fields: dict[str, Any] = dict.fromkeys(READING_FIELDS, Failed(why))
    return GpuDevice(index=index, **fields)


READING_FIELDS: tuple[str, ...] = tuple(
    name
    for name in GpuDevice.__dataclass_fields__
    if name not in {"index", "mig_devices"}
)
