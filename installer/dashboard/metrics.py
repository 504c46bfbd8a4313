"""The status as Prometheus text; a figure that is not known is left out.

Source: Prometheus "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.dashboard.parts.gpus import gpu_view
from installer.dashboard.parts.host import host_metrics
from installer.license_view import license_view
from installer.nvml.readings import Value, value_or
from installer.protocol import OperationState, ServiceStatus, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from installer.host_metrics import HostMetrics
    from installer.nvml.model import GpuDevice, GpuView


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: a value of a metric with its labels."""

    name: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def render_metrics(status: Status, *, now: float) -> str:
    """Write all metrics, grouped by name as the format demands."""
    groups: dict[str, list[Sample]] = {}
    for sample in _samples(status, now):
        groups.setdefault(sample.name, []).append(sample)
    return "".join(_group(name, samples) for name, samples in groups.items())


_HELP = {
    "anechoic_installed": "1 when the appliance is installed.",
    "anechoic_release_info": "The installed release.",
    "anechoic_operation_running": "1 while an install or uninstall runs.",
    "anechoic_findings": "Findings shown now, by severity.",
    "anechoic_service_up": "1 when the container runs and is not unhealthy.",
    "anechoic_service_cpu_cores": "Processor cores in use.",
    "anechoic_service_memory_bytes": "Memory in use.",
    "anechoic_service_memory_limit_bytes": "Memory the service may use.",
    "anechoic_service_restarts_total": "Restarts of the container.",
    "anechoic_license_state": "1 for the present state of the license.",
    "anechoic_license_seconds_until": (
        "Seconds until a date or until a usage report is due, negative after it."
    ),
    "anechoic_gpu_driver_responding": "0 while the NVIDIA driver is silent.",
    "anechoic_gpu_info": "A GPU and its driver.",
    "anechoic_gpu_utilization_ratio": "Part of the time a program ran on it.",
    "anechoic_gpu_memory_used_bytes": "GPU memory in use.",
    "anechoic_gpu_memory_total_bytes": "GPU memory.",
    "anechoic_gpu_temperature_celsius": "Temperature of the chip.",
    "anechoic_gpu_power_watts": "Power drawn.",
    "anechoic_gpu_power_limit_watts": "Power it may draw.",
    "anechoic_gpu_clock_hertz": "Clock of the processors on the chip.",
    "anechoic_gpu_slowed": "1 for each reason that holds the clock back.",
    "anechoic_gpu_ecc_uncorrected_total": "Uncorrectable memory errors since boot.",
    "anechoic_gpu_xid_total": "Faults (XID) reported by the driver.",
    "anechoic_host_cpu_ratio": "Part of all cores in use.",
    "anechoic_host_load1": "Processes running or waiting, over a minute.",
    "anechoic_host_memory_available_bytes": "Memory available without swapping.",
    "anechoic_host_memory_total_bytes": "Memory.",
    "anechoic_host_disk_free_bytes": "Free bytes on a file system.",
    "anechoic_host_disk_total_bytes": "Size of a file system.",
    "anechoic_host_uptime_seconds": "Time since the host started.",
}


def _group(name: str, samples: Iterable[Sample]) -> str:
    kind = "counter" if name.endswith("_total") else "gauge"
    lines = [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{_labels(one.labels)} {one.value:.12g}" for one in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    pairs = (f'{key}="{_escape(value)}"' for key, value in labels.items())
    return "{" + ",".join(pairs) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _samples(status: Status, now: float) -> Iterator[Sample]:
    yield Sample("anechoic_installed", float(status.installed))
    if status.release is not None:
        labels = {"version": status.release.product_version}
        yield Sample("anechoic_release_info", 1, labels)
    running = status.operation
    busy = running is not None and running.state is OperationState.RUNNING
    yield Sample("anechoic_operation_running", float(busy))
    counts = Counter(finding.severity.value for finding in status.findings)
    for severity in ("info", "warning", "error"):
        yield Sample("anechoic_findings", counts[severity], {"severity": severity})
    for service in status.services:
        yield from _service(service)
    yield from _license(status, now)
    if view := gpu_view(status):
        yield from _gpus(view)
    if metrics := host_metrics(status):
        yield from _host(metrics)


def _service(service: ServiceStatus) -> Iterator[Sample]:
    labels = {"service": service.name, "replica": str(service.replica)}
    up = service.state == "running" and service.health != "unhealthy"
    yield Sample("anechoic_service_up", float(up), labels)
    yield Sample("anechoic_service_restarts_total", service.restarts, labels)
    if service.cpu_percent is not None:
        cores = service.cpu_percent / 100
        yield Sample("anechoic_service_cpu_cores", cores, labels)
    if service.memory_bytes is not None:
        yield Sample("anechoic_service_memory_bytes", service.memory_bytes, labels)
    if service.memory_limit_bytes is not None:
        limit = service.memory_limit_bytes
        yield Sample("anechoic_service_memory_limit_bytes", limit, labels)


def _license(status: Status, now: float) -> Iterator[Sample]:
    view = license_view(status.license)
    if view is None:
        return
    yield Sample("anechoic_license_state", 1, {"state": view.state.lower()})
    dates: dict[str, datetime | None] = {"exp": view.exp, "term": view.term}
    for what, when in dates.items():
        if when is not None:
            left = when.timestamp() - now
            yield Sample("anechoic_license_seconds_until", left, {"what": what})
    if view.usage.report_due_s is not None:
        labels = {"what": "report_due"}
        yield Sample("anechoic_license_seconds_until", view.usage.report_due_s, labels)


def _gpus(view: GpuView) -> Iterator[Sample]:
    responding = view.not_responding_since is None
    yield Sample("anechoic_gpu_driver_responding", float(responding))
    if view.report is None:
        return
    driver = value_or(view.report.driver_version, "")
    for device in view.report.devices:
        yield from _gpu(device, driver)
    counts = Counter((one.gpu_uuid, one.xid) for one in view.report.xids)
    for (uuid, xid), count in counts.items():
        yield Sample("anechoic_gpu_xid_total", count, {"uuid": uuid, "xid": str(xid)})


def _gpu(device: GpuDevice, driver: str) -> Iterator[Sample]:
    labels = {"gpu": str(device.index), "uuid": value_or(device.uuid, "")}
    info = {**labels, "name": value_or(device.name, ""), "driver": driver}
    yield Sample("anechoic_gpu_info", 1, info)
    for name, reading, scale in (
        ("utilization_ratio", device.utilization_percent, 0.01),
        ("memory_used_bytes", device.memory_used_bytes, 1),
        ("memory_total_bytes", device.memory_total_bytes, 1),
        ("temperature_celsius", device.temperature_c, 1),
        ("power_watts", device.power_w, 1),
        ("power_limit_watts", device.power_limit_w, 1),
        ("clock_hertz", device.clock_sm_mhz, 1e6),
        ("ecc_uncorrected_total", device.ecc_uncorrected, 1),
    ):
        if isinstance(reading, Value):
            yield Sample(f"anechoic_gpu_{name}", reading.value * scale, labels)
    for words in value_or(device.slow_reasons, ()):
        yield Sample("anechoic_gpu_slowed", 1, {**labels, "reason": words})


def _host(metrics: HostMetrics) -> Iterator[Sample]:
    if metrics.cpu_percent is not None:
        yield Sample("anechoic_host_cpu_ratio", metrics.cpu_percent / 100)
    yield Sample("anechoic_host_load1", metrics.load_1m)
    available = metrics.memory_available_bytes
    yield Sample("anechoic_host_memory_available_bytes", available)
    yield Sample("anechoic_host_memory_total_bytes", metrics.memory_total_bytes)
    yield Sample("anechoic_host_uptime_seconds", metrics.uptime_s)
    for disk in metrics.disks:
        labels = {"disk": disk.label}
        yield Sample("anechoic_host_disk_free_bytes", disk.free_bytes, labels)
        yield Sample("anechoic_host_disk_total_bytes", disk.total_bytes, labels)
