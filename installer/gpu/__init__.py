"""NVIDIA GPUs of this host, read in a child process that may hang or die.

The parent imports no driver code: `probe` asks once, `GpuPoller` follows for
hours, `gpu_findings` says what is wrong and what to do, and `drift` compares
with the inventory taken at install time.
"""

from installer.gpu.findings import (
    GpuLimits,
    gpu_findings,
    usable_gpus,
    view_findings,
)
from installer.gpu.inventory import GpuIdentity, GpuInventory, drift, inventory
from installer.gpu.poller import GpuPoller, Pace
from installer.gpu.probe import probe
from installer.gpu.wire import parse_view, view_json
from installer.nvml.model import (
    GpuDevice,
    GpuProcess,
    GpuReport,
    GpuView,
    MigDevice,
    RemappedRows,
    Trouble,
    XidEvent,
)
from installer.nvml.readings import (
    Failed,
    Reading,
    Unsupported,
    Value,
    reason,
    value_or,
)

__all__ = [
    "Failed",
    "GpuDevice",
    "GpuIdentity",
    "GpuInventory",
    "GpuLimits",
    "GpuPoller",
    "GpuProcess",
    "GpuReport",
    "GpuView",
    "MigDevice",
    "Pace",
    "Reading",
    "RemappedRows",
    "Trouble",
    "Unsupported",
    "Value",
    "XidEvent",
    "drift",
    "gpu_findings",
    "inventory",
    "parse_view",
    "probe",
    "reason",
    "usable_gpus",
    "value_or",
    "view_findings",
    "view_json",
]
