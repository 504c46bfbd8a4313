"""The GPUs: what each does, why it is slow, and whether the driver answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from installer.dashboard.model import Card, Level, Row, Section, level_of, worst
from installer.dashboard.words import clock_time, share, size, unknown
from installer.gpu import gpu_findings, kinds, parse_view, view_findings
from installer.nvml.readings import Failed, Reading, Value, reason, value_or

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.nvml.model import GpuDevice, GpuProcess, GpuView, RemappedRows
    from installer.protocol import Status

T = TypeVar("T")

_TITLE: Final = "GPUs"
_CPU_MODE: Final = "No NVIDIA GPU: speech is recognized on the CPU."


def gpu_view(status: Status) -> GpuView | None:
    """Read the GPU view from the status; None where there is none."""
    if status.gpus is None:
        return None
    try:
        return parse_view(status.gpus)
    except ValueError:
        return None


def gpus(status: Status) -> Section:
    """Show every GPU, or why none is shown."""
    view = gpu_view(status)
    if view is None or (view.report is None and view.not_responding_since is None):
        return Section("gpus", _TITLE, note="The GPUs have not been read yet.")
    if view.report is None or not view.report.devices:
        return Section("gpus", _TITLE, note=_why_none(view))
    driver = value_or(view.report.driver_version, "version not known")
    cuda = value_or(view.report.cuda_version, "version not known")
    note = f"Driver {driver}, CUDA up to {cuda}."
    if view.not_responding_since is not None:
        since = clock_time(view.not_responding_since)
        note = f"The driver has not responded since {since}: figures are from then."
    cards = tuple(_card(device, view) for device in view.report.devices)
    return Section("gpus", _TITLE, cards, note)


def _why_none(view: GpuView) -> str:
    found = view_findings(view)
    if found and found[0].code != kinds.NO_GPU.code:
        return f"{found[0].title}. {found[0].meaning}"
    return _CPU_MODE


def _card(device: GpuDevice, view: GpuView) -> Card:
    name = value_or(device.name, "unnamed GPU")
    title = f"GPU {device.index}: {name}"
    if isinstance(device.uuid, Failed):
        return Card(title, Level.ERROR, "lost", note=device.uuid.failed)
    level, state = _health(device, view)
    return Card(title, level, state, tuple(_rows(device)))


def _health(device: GpuDevice, view: GpuView) -> tuple[Level, str]:
    if view.not_responding_since is not None:
        return Level.WARNING, "not responding"
    if view.report is None:
        return Level.INFO, "not read"
    alone = type(view.report)(taken_at=view.report.taken_at, devices=(device,))
    found = gpu_findings(alone)
    level = worst(Level.OK, *(level_of(one.severity) for one in found))
    return level, "attention" if level is Level.WARNING else "working"


def _rows(device: GpuDevice) -> Iterator[Row]:
    busy = device.utilization_percent
    yield _row("In use", busy, lambda value: f"{value} %", lambda value: value)
    yield _of("Memory", device.memory_used_bytes, device.memory_total_bytes)
    yield _row(
        "Temperature",
        device.temperature_c,
        lambda value: f"{value} °C",
        note=_limit_note(device),
    )
    yield _of("Power", device.power_w, device.power_limit_w, " W")
    yield _of("Clock", device.clock_sm_mhz, device.clock_sm_max_mhz, " MHz")
    yield _row("Slowed by", device.slow_reasons, _reasons)
    yield _row("PCIe link", device.pcie_width, lambda _: _link(device))
    yield _row("Memory errors", device.ecc_uncorrected, _errors)
    yield _row("Memory repairs", device.remapped, _remapped)
    yield _row("Programs", device.processes, _programs)
    if device.mig_devices:
        yield Row("Split by MIG", f"{len(device.mig_devices)} slices")


def _row(
    label: str,
    reading: Reading[T],
    write: Callable[[T], str],
    percent: Callable[[T], float] | None = None,
    *,
    note: str = "",
) -> Row:
    if not isinstance(reading, Value):
        return unknown(label, reason(reading))
    bar = percent(reading.value) if percent else None
    return Row(label, write(reading.value), note, bar)


def _of(
    label: str,
    now: Reading[int] | Reading[float],
    limit: Reading[int] | Reading[float],
    unit: str = "",
) -> Row:
    """Build the row of a part of a whole; without a unit the numbers are bytes."""

    def write(number: float) -> str:
        return f"{number:.0f}" if unit else size(number)

    if not isinstance(now, Value):
        return unknown(label, reason(now))
    if not isinstance(limit, Value):
        return Row(label, f"{write(now.value)}{unit}")
    words = f"{write(now.value)} of {write(limit.value)}{unit}"
    return Row(label, words, percent=share(now.value, limit.value))


def _limit_note(device: GpuDevice) -> str:
    match device.temperature_limit_c:
        case Value(limit) if limit > 0:
            return f"slows down at {limit} °C"
        case _:
            return ""


def _reasons(reasons: tuple[str, ...]) -> str:
    return ", ".join(reasons) if reasons else "nothing"


def _link(device: GpuDevice) -> str:
    now = _lanes(device.pcie_gen, device.pcie_width)
    best = _lanes(device.pcie_gen_max, device.pcie_width_max)
    return f"{now} of {best}" if best else now


def _lanes(gen: Reading[int], width: Reading[int]) -> str:
    match gen, width:
        case Value(generation), Value(lanes):
            return f"gen {generation} x{lanes}"
        case _, Value(lanes):
            return f"x{lanes}"
        case _:
            return ""


def _errors(count: int) -> str:
    return f"{count} since the last restart"


def _remapped(rows: RemappedRows) -> str:
    if rows.failed:
        return "a replacement failed"
    if rows.pending:
        return "one waits for a restart"
    return str(rows.correctable + rows.uncorrectable)


def _programs(processes: tuple[GpuProcess, ...]) -> str:
    if not processes:
        return "none"
    return ", ".join(_program(one) for one in processes)


def _program(process: GpuProcess) -> str:
    if process.memory_bytes is None:
        return f"process {process.pid}"
    return f"process {process.pid}: {size(process.memory_bytes)}"
