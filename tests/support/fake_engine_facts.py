"""What the engine in memory tells: findings, steps, a medium, a license, GPUs.

Time stands still at `NOW`.
"""

from datetime import UTC, datetime

from pydantic import JsonValue

from installer.findings import Finding, Severity
from installer.gpu.wire import view_json
from installer.nvml.model import READING_FIELDS, GpuDevice, GpuReport, GpuView, Trouble
from installer.nvml.readings import Unsupported, Value
from installer.protocol import (
    CheckLine,
    ImageSummary,
    MediumSummary,
    ModelSummary,
    ServiceStatus,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MIB = 1024 * 1024
GIB = 1024 * MIB

STEPS: tuple[tuple[str, str, int, float], ...] = (
    ("preflight", "Check the machine", 0, 2),
    ("verify-medium", "Verify the medium", 480 * MIB, 9),
    ("pin-trust", "Pin the trust anchor", 0, 0.1),
    ("install-license", "Install the license", 0, 0.1),
    ("load-edge", "Load image edge", 62 * MIB, 6),
    ("load-api", "Load image api", 143 * MIB, 14),
    ("load-asr", "Load image asr", 231 * MIB, 25),
    ("load-license", "Load image license", 12 * MIB, 2),
    ("load-redis", "Load image redis", 21 * MIB, 2),
    ("install-model", "Install model anechoic-demo", 11 * MIB, 1),
    ("write-config", "Write the configuration", 0, 0.2),
    ("networks", "Make the networks", 0, 1),
    ("firewall", "Close the way out", 0, 1),
    ("start-services", "Start the services", 0, 6),
    ("wait-health", "Wait until all are healthy", 0, 12),
    ("prove-isolation", "Prove that nothing gets out", 0, 5),
    ("receipt", "Write the receipt", 0, 0.1),
)

NO_GPU = Finding(
    "ANX-GPU-01",
    "No NVIDIA GPU: CPU mode",
    Severity.WARNING,
    "libnvidia-ml.so.1 was not found",
    "Speech is recognized on the processor, several times slower than on a GPU.",
    "Nothing, if that is what you want. Else install the NVIDIA driver and check again.",
)
PORT_TAKEN = Finding(
    "ANX-HOST-06",
    "Port 8080 is in use",
    Severity.ERROR,
    "expected 127.0.0.1:8080 to be free, found nginx (pid 812) listening",
    "The API could not be reached there; the installation would fail at its end.",
    "Stop that program, or choose another API port under Settings.",
)
TAMPERED = Finding(
    "ANX-MED-03",
    "The medium was changed after it was signed",
    Severity.ERROR,
    "release/release.json: expected sha256 9f2c41d0, found 1b77a3e8",
    "Somebody or something altered this medium; nothing on it was used.",
    "Do not use this medium. Get a new copy and compare SHA256SUMS on the way.",
)
CHECKED = (
    ("kernel", "Linux kernel", "6.1.0-18-amd64"),
    ("cpu", "Processor", "x86_64, 16 cores"),
    ("memory", "Memory for the services", "15.6 GiB; 6.0 GiB needed"),
    ("disk", "Room for the release", "41 GiB free; 2.1 GiB needed"),
    ("engine", "Container engine", "docker 20.10.24, overlay2"),
    ("ports", "Ports are free", "8080, 9470"),
    ("subnets", "Subnets do not overlap", "10.231.77.0/28, 10.231.78.0/26"),
    ("firewall", "Firewall can be closed", "nftables 1.0.6"),
    ("clock", "Clock is plausible", "2026-11-22 12:00 UTC"),
)


def checks(*, port_taken: bool) -> tuple[CheckLine, ...]:
    """Nine checks of the machine, and the GPUs that are not there."""
    taken = {"ports": (PORT_TAKEN,)} if port_taken else {}
    lines = [
        CheckLine(
            name=name,
            topic=name,
            title=title,
            detail="8080 is taken" if name in taken else detail,
            findings=taken.get(name, ()),
        )
        for name, title, detail in CHECKED
    ]
    gpu = CheckLine(
        name="gpu", topic="GPU", title="GPUs", detail="none", findings=(NO_GPU,)
    )
    return (*lines, gpu)


def medium_summary(path: str) -> MediumSummary:
    images = tuple(
        ImageSummary(
            name=name.removeprefix("load-"), image_id="sha256:0", size_bytes=size
        )
        for name, _, size, _ in STEPS
        if name.startswith("load-")
    )
    return MediumSummary(
        path=path,
        product_version="0.1.0",
        release_seq=1,
        created=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        install_by=datetime(2029, 11, 20, 9, 30, tzinfo=UTC),
        images=images,
        models=(ModelSummary(name="anechoic-demo", size_bytes=11 * MIB),),
        total_bytes=480 * MIB,
        anchor_fingerprint="7F3K 9Q2M X0TB 4WDC HJ5N 8RVA",
        signers=("root 4f1a77c2", "root c03d5e18", "targets 9be04d11"),
    )


def service(
    name: str, cpu: float, memory: int, limit: int, *, down: bool
) -> ServiceStatus:
    return ServiceStatus(
        name=name,
        state="exited" if down else "running",
        health="unhealthy" if down else "healthy",
        image_id="sha256:4f1a77c290de1b35",
        cpu_percent=None if down else cpu,
        memory_bytes=None if down else memory * MIB,
        memory_limit_bytes=limit * MIB,
        restarts=3 if down else 0,
    )


def no_gpu() -> dict[str, JsonValue]:
    report = GpuReport(taken_at=NOW.timestamp(), trouble=Trouble.LIBRARY_MISSING)
    return view_json(GpuView(report=report, age_s=0.5))


def two_gpus() -> dict[str, JsonValue]:
    """One busy card, held back; one that does not tell its load."""
    fields = dict.fromkeys(READING_FIELDS, Unsupported("not offered by this card"))
    busy = fields | {
        "name": Value("NVIDIA L40S"),
        "utilization_percent": Value(87),
        "temperature_c": Value(71),
        "power_w": Value(289.0),
        "memory_used_bytes": Value(31 * GIB),
        "memory_total_bytes": Value(48 * GIB),
        "slow_reasons": Value(("power limit reached",)),
    }
    mute = fields | {"name": Value("NVIDIA L40S"), "temperature_c": Value(38)}
    devices = (GpuDevice(index=0, **busy), GpuDevice(index=1, **mute))  # type: ignore[arg-type]
    report = GpuReport(taken_at=NOW.timestamp(), devices=devices)
    return view_json(GpuView(report=report, age_s=0.5))
