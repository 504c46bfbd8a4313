"""Statuses of the engine as the dashboard receives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from installer.gpu import view_json
from installer.host_metrics import DiskUse, HostMetrics
from installer.nvml.model import GpuDevice, GpuView
from installer.protocol import ReleaseInfo, ServiceStatus, Status
from tests.support.gpus import gpu_device, gpu_report

GIB = 1024**3
MIB = 1024**2
NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def service(name: str, **changes: Any) -> ServiceStatus:  # noqa: ANN401
    """Build a healthy service."""
    fields: dict[str, Any] = {
        "name": name,
        "state": "running",
        "health": "healthy",
        "image_id": "sha256:" + "5a" * 32,
        "cpu_percent": 12.4,
        "memory_bytes": 180 * MIB,
        "memory_limit_bytes": 1 * GIB,
    }
    return ServiceStatus(**(fields | changes))


def host_metrics() -> HostMetrics:
    """Build the figures of a quiet machine."""
    return HostMetrics(
        taken_at=NOW.timestamp(),
        uptime_s=12 * 86400 + 3 * 3600,
        cpu_count=32,
        cpu_percent=23.5,
        load_1m=6.2,
        memory_total_bytes=251 * GIB,
        memory_available_bytes=201 * GIB,
        swap_used_bytes=0,
        disks=(
            DiskUse(
                label="system", path="/", total_bytes=468 * GIB, free_bytes=300 * GIB
            ),
        ),
    )


def gpu_status(*devices: GpuDevice, **view: Any) -> dict[str, Any]:  # noqa: ANN401
    """Build the `gpus` of a status from cards."""
    report = gpu_report(*(devices or (gpu_device(),)))
    return view_json(GpuView(report=report, age_s=1.0, **view))


def license_answer(
    state: str = "VALID",
    *,
    exp_days: int = 120,
    term_days: int = 150,
    **changes: object,
) -> dict[str, Any]:
    """Build the answer of the license container."""
    answer: dict[str, Any] = {
        "version": 1,
        "state": state,
        "flags": [],
        "banner": "",
        "license": {
            "serial": "ANX-2026-0007",
            "licensee": "Harbor Pilots Association",
            "exp": f"{NOW + timedelta(days=exp_days):%Y-%m-%dT%H:%M:%SZ}",
            "term": f"{NOW + timedelta(days=term_days):%Y-%m-%dT%H:%M:%SZ}",
        },
        "problems": [],
    }
    return answer | changes


def status(**changes: Any) -> Status:  # noqa: ANN401
    """Build the status of an installed, healthy appliance with two GPUs."""
    fields: dict[str, Any] = {
        "installed": True,
        "release": ReleaseInfo(
            product_version="0.1.0",
            release_seq=7,
            created=NOW - timedelta(days=20),
            installed_at=NOW - timedelta(days=12),
        ),
        "services": tuple(
            service(name) for name in ("edge", "api", "asr", "license", "redis")
        ),
        "license": license_answer(),
        "gpus": gpu_status(gpu_device(0), gpu_device(1)),
        "host": host_metrics().to_json(),
        "api_url": "http://127.0.0.1:8080",
    }
    return Status(**(fields | changes))
