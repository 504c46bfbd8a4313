"""The GPUs at install time, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.findings import Finding, Severity
from installer.gpu import kinds
from installer.nvml.readings import Value, value_or

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.errors import ErrorKind
    from installer.nvml.model import GpuDevice, GpuReport


@dataclass(frozen=True, slots=True)
class GpuIdentity:
    """What stays the same about one card; empty or 0 where it was not readable."""

    uuid: str
    name: str
    bus_id: str
    memory_total_bytes: int
    pcie_width_max: int


@dataclass(frozen=True, slots=True)
class GpuInventory:
    """The cards and the driver at one time."""

    driver_version: str = ""
    gpus: tuple[GpuIdentity, ...] = ()


def inventory(report: GpuReport) -> GpuInventory:
    """Keep what a later report is compared with; a card without a UUID is left out."""
    return GpuInventory(
        driver_version=value_or(report.driver_version, ""),
        gpus=tuple(
            _identity(device, device.uuid.value)
            for device in report.devices
            if isinstance(device.uuid, Value)
        ),
    )


def drift(then: GpuInventory, now: GpuInventory) -> tuple[Finding, ...]:
    """Say which cards are missing, new or changed."""
    return tuple(_drift(then, now))


def _identity(device: GpuDevice, uuid: str) -> GpuIdentity:
    return GpuIdentity(
        uuid=uuid,
        name=value_or(device.name, ""),
        bus_id=value_or(device.bus_id, ""),
        memory_total_bytes=value_or(device.memory_total_bytes, 0),
        pcie_width_max=value_or(device.pcie_width_max, 0),
    )


def _drift(then: GpuInventory, now: GpuInventory) -> Iterator[Finding]:
    before = {gpu.uuid: gpu for gpu in then.gpus}
    after = {gpu.uuid: gpu for gpu in now.gpus}
    for uuid, gpu in before.items():
        if uuid not in after:
            yield _warning(kinds.GPU_MISSING, f"{gpu.name} at {gpu.bus_id}, {uuid}")
    for uuid, gpu in after.items():
        if uuid not in before:
            yield _info(f"new: {gpu.name} at {gpu.bus_id}, {uuid}")
        elif gpu.bus_id != before[uuid].bus_id:
            yield _info(f"{gpu.name} moved: {before[uuid].bus_id} to {gpu.bus_id}")
    if now.gpus and then.driver_version != now.driver_version:
        yield _info(f"driver: {then.driver_version} to {now.driver_version}")


def _warning(kind: ErrorKind, evidence: str) -> Finding:
    return Finding.of(kind, evidence=evidence, severity=Severity.WARNING)


def _info(evidence: str) -> Finding:
    return Finding.of(kinds.GPU_CHANGED, evidence=evidence, severity=Severity.INFO)
