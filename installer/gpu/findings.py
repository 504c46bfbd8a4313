"""What is wrong with the GPUs: pure decisions over one report.

A machine without a usable GPU works in CPU mode, so trouble is a warning unless
the operator asked for GPU mode, where it is an error.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from installer.findings import Finding, Severity
from installer.gpu import kinds
from installer.nvml.model import GpuDevice, GpuReport, GpuView, Trouble
from installer.nvml.readings import Failed, Reading, Value, value_or
from installer.settings import Compute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.errors import ErrorKind

T = TypeVar("T")

_MIB: Final = 1024 * 1024
_HARMFUL_SLOWING: Final = ("hardware slowdown", "software slowdown", "power brake")


@dataclass(frozen=True, slots=True)
class GpuLimits:
    """What the recognition image asks of a GPU.

    Attributes:
        capability: lowest compute capability with int8 arithmetic.
        driver: lowest driver branch that runs CUDA 12 (NVIDIA, "CUDA
            Compatibility": 525.60.13 for minor versions of CUDA 12).
        memory_bytes: what the model and its working memory take.
    """

    capability: tuple[int, int] = (6, 1)
    driver: tuple[int, ...] = (525, 60, 13)
    memory_bytes: int = 0


DEFAULT_LIMITS: Final = GpuLimits()

_TROUBLE_KINDS: Final = {
    Trouble.LIBRARY_MISSING: kinds.LIBRARY_MISSING,
    Trouble.DRIVER_NOT_LOADED: kinds.DRIVER_NOT_LOADED,
    Trouble.VERSION_MISMATCH: kinds.VERSION_MISMATCH,
    Trouble.GPU_LOST: kinds.GPU_LOST,
    Trouble.NO_PERMISSION: kinds.NO_PERMISSION,
    Trouble.NOT_RESPONDING: kinds.NOT_RESPONDING,
    Trouble.CRASHED: kinds.PROBE_CRASHED,
    Trouble.OTHER: kinds.DRIVER_ERROR,
}
_ABSENT: Final = {Trouble.LIBRARY_MISSING, Trouble.DRIVER_NOT_LOADED}


def gpu_findings(
    report: GpuReport,
    *,
    compute: Compute = Compute.AUTO,
    pci_gpus: int = 0,
    limits: GpuLimits = DEFAULT_LIMITS,
) -> tuple[Finding, ...]:
    """Say what is wrong or notable.

    Args:
        report: what the driver said.
        compute: what the operator asked for; with `cpu` nothing stops or warns.
        pci_gpus: NVIDIA GPUs seen on the PCI bus without the driver's help.
        limits: what the recognition image needs.
    """
    return tuple(_all(report, _usable_severity(compute), pci_gpus, limits))


def view_findings(
    view: GpuView,
    *,
    compute: Compute = Compute.AUTO,
    limits: GpuLimits = DEFAULT_LIMITS,
) -> tuple[Finding, ...]:
    """Say what is wrong with the GPUs as the poller sees them now."""
    found: tuple[Finding, ...] = ()
    if view.report is not None:
        found = gpu_findings(
            view.report, compute=compute, pci_gpus=view.pci_gpus, limits=limits
        )
    if view.not_responding_since is None:
        return found
    since = datetime.fromtimestamp(view.not_responding_since, UTC)
    silent = Finding.of(
        kinds.NOT_RESPONDING,
        evidence=f"last answer on {since:%Y-%m-%d at %H:%M:%S} UTC",
        severity=_usable_severity(compute),
    )
    return (silent, *found)


def usable_gpus(
    report: GpuReport, *, limits: GpuLimits = DEFAULT_LIMITS
) -> tuple[int, ...]:
    """Return the indexes of the cards that can recognize speech.

    A card without a readable UUID is lost; one that is too old or too small is
    left out too.
    """
    if report.trouble is not None:
        return ()
    return tuple(
        device.index
        for device in report.devices
        if isinstance(device.uuid, Value)
        and not any(_usable(device, Severity.INFO, limits))
    )


def device_name(device: GpuDevice) -> str:
    """Name a card in a sentence: "GPU 0 (NVIDIA H200)"."""
    name = value_or(device.name, "")
    return f"GPU {device.index} ({name})" if name else f"GPU {device.index}"


def _usable_severity(compute: Compute) -> Severity:
    match compute:
        case Compute.GPU:
            return Severity.ERROR
        case Compute.AUTO:
            return Severity.WARNING
        case Compute.CPU:
            return Severity.INFO


def _all(
    report: GpuReport, severity: Severity, pci_gpus: int, limits: GpuLimits
) -> Iterator[Finding]:
    if report.trouble is not None:
        yield _start_up(report, report.trouble, severity, pci_gpus)
        return
    if not report.devices:
        kind = kinds.GPU_LOST if pci_gpus else kinds.NO_GPU
        evidence = f"the driver lists no GPU, the PCI bus {pci_gpus}"
        yield Finding.of(kind, evidence=evidence, severity=severity)
        return
    yield from _driver_age(report, severity, limits)
    for device in report.devices:
        yield from _usable(device, severity, limits)
        yield from _health(device)
    yield from _xids(report)


def _start_up(
    report: GpuReport, trouble: Trouble, severity: Severity, pci_gpus: int
) -> Finding:
    if trouble in _ABSENT and not pci_gpus:
        evidence = f"no NVIDIA GPU on the PCI bus; {report.detail}"
        return Finding.of(kinds.NO_GPU, evidence=evidence, severity=severity)
    kind = _TROUBLE_KINDS[trouble]
    return Finding.of(kind, evidence=report.detail or trouble, severity=severity)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _driver_age(
    report: GpuReport, severity: Severity, limits: GpuLimits
) -> Iterator[Finding]:
    match report.driver_version:
        case Value(found) if _numbers(found) < limits.driver:
            wanted = ".".join(str(part) for part in limits.driver)
            evidence = f"expected at least {wanted}, found {found}"
            yield Finding.of(kinds.DRIVER_OLD, evidence=evidence, severity=severity)
        case _:
            return


def _usable(
    device: GpuDevice, severity: Severity, limits: GpuLimits
) -> Iterator[Finding]:
    who = device_name(device)
    if isinstance(device.uuid, Failed):
        evidence = f"{who}: {device.uuid.failed}"
        yield Finding.of(kinds.GPU_LOST, evidence=evidence, severity=severity)
        return
    match device.compute_capability:
        case Value(found) if _numbers(found) < limits.capability:
            major, minor = limits.capability
            evidence = f"{who}: expected at least {major}.{minor}, found {found}"
            yield Finding.of(kinds.CAPABILITY_LOW, evidence=evidence, severity=severity)
        case _:
            pass
    match device.memory_total_bytes:
        case Value(total) if total < limits.memory_bytes:
            evidence = (
                f"{who}: expected {limits.memory_bytes // _MIB} MiB, "
                f"found {total // _MIB} MiB"
            )
            yield Finding.of(kinds.MEMORY_LOW, evidence=evidence, severity=severity)
        case _:
            return


def _over_zero(reading: Reading[int]) -> int:
    return max(0, value_or(reading, 0))


def _health(device: GpuDevice) -> Iterator[Finding]:
    who = device_name(device)
    if evidence := _narrow_link(device):
        yield _warning(kinds.PCIE_NARROW, f"{who}: {evidence}")
    slowed = [
        words
        for words in value_or(device.slow_reasons, ())
        if words.startswith(_HARMFUL_SLOWING)
    ]
    if slowed:
        yield _warning(kinds.SLOWED, f"{who}: {', '.join(slowed)}")
    if errors := _over_zero(device.ecc_uncorrected):
        yield _warning(kinds.MEMORY_ERRORS, f"{who}: {errors} since the last restart")
    if evidence := _remap_words(device):
        yield _warning(kinds.ROWS_REMAP, f"{who}: {evidence}")
    if value_or(device.mig_enabled, default=False):
        evidence = f"{who}: {len(device.mig_devices)} slices"
        yield Finding.of(kinds.MIG_ON, evidence=evidence, severity=Severity.INFO)


def _narrow_link(device: GpuDevice) -> str:
    """Compare lanes only: the generation drops by itself while a card is idle."""
    match device.pcie_width, device.pcie_width_max:
        case Value(now), Value(best) if 0 < now < best:
            return f"x{now} of x{best} lanes"
        case _:
            return ""


def _remap_words(device: GpuDevice) -> str:
    match device.remapped:
        case Value(rows) if rows.failed:
            return "a row could not be replaced"
        case Value(rows) if rows.pending:
            return "a row is replaced at the next restart"
        case _:
            return ""


def _xids(report: GpuReport) -> Iterator[Finding]:
    counts = Counter((event.gpu_uuid, event.xid) for event in report.xids)
    for (uuid, xid), count in sorted(counts.items()):
        yield _warning(kinds.XID_SEEN, f"{uuid}: XID {xid}, {count} times")


def _warning(kind: ErrorKind, evidence: str) -> Finding:
    return Finding.of(kind, evidence=evidence, severity=Severity.WARNING)
