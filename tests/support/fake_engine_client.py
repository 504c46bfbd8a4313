"""An engine in memory that drives the screens in tests and pictures.

Time stands still at `NOW`; an operation advances by one tick whenever it is
asked for, so that a run always looks the same.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

from pydantic import JsonValue

from installer.errors import ENGINE_UNREACHABLE, SERVICE_UNHEALTHY, InstallerError
from installer.findings import Finding, Severity
from installer.gpu.wire import view_json
from installer.host_metrics import DiskUse, HostMetrics
from installer.nvml.model import READING_FIELDS, GpuDevice, GpuReport, GpuView, Trouble
from installer.nvml.readings import Unsupported, Value
from installer.protocol import (
    ImageSummary,
    LicenseRequestBody,
    LicenseSummary,
    MediumSummary,
    ModelSummary,
    Operation,
    OperationState,
    Plan,
    PlanStep,
    ReleaseInfo,
    ServiceStatus,
    Status,
    StepState,
    StepStatus,
)
from installer.settings import Settings

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

PREFLIGHT = (
    Finding(
        "ANX-HOST-01",
        "Kernel 6.1 is supported",
        Severity.INFO,
        "6.1.0-18-amd64; 5.10 or newer is needed",
        "",
        "",
    ),
    Finding(
        "ANX-HOST-02",
        "Docker 20.10 answers",
        Severity.INFO,
        "API 1.41 on /var/run/docker.sock, storage driver overlay2",
        "",
        "",
    ),
    Finding(
        "ANX-HOST-04",
        "41 GiB are free for images and models",
        Severity.INFO,
        "/var/lib/docker: 41.2 GiB free; 2.1 GiB are needed",
        "",
        "",
    ),
    Finding(
        "ANX-HOST-05", "16 GiB of memory", Severity.INFO, "15.6 GiB in total", "", ""
    ),
    Finding(
        "ANX-HOST-07",
        "The clock is plausible",
        Severity.INFO,
        "2026-11-22 12:00 UTC, after the release was made",
        "",
        "",
    ),
    Finding(
        "ANX-GPU-01",
        "No NVIDIA GPU: CPU mode",
        Severity.WARNING,
        "libnvidia-ml.so.1 was not found",
        "Speech is recognized on the processor, several times slower than on a GPU.",
        "Nothing, if that is what you want. Else install the NVIDIA driver and check "
        "again.",
    ),
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
FOREIGN = Finding(
    "ANX-LIC-07",
    "The license is for another machine",
    Severity.ERROR,
    "expected install key 7c1e 90ab, found 02d4 5e6f",
    "This host would stay without a license.",
    "Write a request file here and have the vendor issue a license for it.",
)


class RefusedError(Exception):
    """A refusal with a whole finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.title)
        self.code = finding.code
        self.title = finding.title
        self.meaning = finding.meaning
        self.remedy = finding.remedy
        self.evidence = finding.evidence


@dataclass(slots=True)
class FakeEngine:
    """Plays the engine; what it was asked stands in `calls`.

    Attributes:
        ticks: how far the operation has got; None when there is none.
        fails_at: the name of a step that fails, once.
        speed: ticks per question about the operation.
        silent: every call is refused as if the engine were gone.
        gate: when set, calls wait for it (a slow engine).
    """

    installed: bool = False
    findings: tuple[Finding, ...] = PREFLIGHT
    plan_findings: tuple[Finding, ...] = (PREFLIGHT[-1],)
    ticks: int | None = None
    fails_at: str = ""
    speed: int = 1
    silent: bool = False
    gate: Event | None = None
    gpus: dict[str, JsonValue] = field(default_factory=no_gpu)
    services_down: bool = False
    calls: list[str] = field(default_factory=list)
    settings: Settings | None = None

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.gate is not None:
            self.gate.wait(30)
        if self.silent:
            raise InstallerError(
                ENGINE_UNREACHABLE, "/run/anechoic/anechoicd.sock: no answer"
            )

    def status(self) -> Status:
        self._called("status")
        running = self._operation() if self.ticks is not None else None
        if not self.installed:
            return Status(installed=False, operation=running)
        return installed_status(self, running)

    def preflight(self, settings: Settings) -> tuple[Finding, ...]:
        self._called("preflight")
        taken = settings.port == 8080 and PORT_TAKEN in self.findings
        return tuple(one for one in self.findings if one != PORT_TAKEN or taken)

    def medium(self, path: str, trust: str | None) -> MediumSummary:
        self._called("medium")
        if "tampered" in path:
            raise RefusedError(TAMPERED)
        return medium_summary(path)

    def license(self, path: str) -> LicenseSummary:
        self._called("license")
        if "foreign" in path:
            raise RefusedError(FOREIGN)
        return license_summary()

    def license_request(self) -> LicenseRequestBody:
        self._called("license_request")
        return LicenseRequestBody(
            armored="-----BEGIN ANECHOIC LICENSE REQUEST-----\n...\n",
            filename="anechoic-7.alreq",
        )

    def plan(self, settings: Settings) -> Plan:
        self._called("plan")
        self.settings = settings
        taken = settings.port == 8080 and PORT_TAKEN in self.findings
        steps = tuple(
            PlanStep(name=n, title=t, size_bytes=b, estimate_s=s)
            for n, t, b, s in STEPS
        )
        return Plan(
            steps=steps,
            findings=((PORT_TAKEN,) if taken else ()) + self.plan_findings,
            total_bytes=sum(step.size_bytes for step in steps),
            total_estimate_s=sum(step.estimate_s for step in steps),
        )

    def install(self, settings: Settings) -> Operation:
        self._called("install")
        self.settings = settings
        if self.ticks is None or self.fails_at:
            self.ticks = self.ticks or 0
            self.fails_at = "" if self.ticks else self.fails_at
        return self._operation()

    def current_operation(self) -> Operation | None:
        self._called("current_operation")
        if self.ticks is None:
            return None
        operation = self._operation()
        if operation.state is OperationState.RUNNING:
            self.ticks += self.speed
        return operation

    def _operation(self) -> Operation:
        """Two ticks a step: half way, done."""
        ticks = self.ticks or 0
        steps = []
        failed = False
        for index, (name, _, _, _) in enumerate(STEPS):
            state = _state(index, ticks)
            if name == self.fails_at and state is not StepState.PENDING:
                failed, state = True, StepState.FAILED
            elif failed:
                state = StepState.PENDING
            steps.append(_step(index, state))
        done = all(step.state is StepState.DONE for step in steps)
        if done:
            self.installed = True
        return Operation(
            id="op-1",
            kind="install",
            state=_operation_state(done=done, failed=failed),
            steps=tuple(steps),
            started=NOW - timedelta(seconds=75),
            ended=NOW if done or failed else None,
            finding=_unhealthy() if failed else None,
        )


def _unhealthy() -> Finding:
    return Finding.of(
        SERVICE_UNHEALTHY,
        evidence="asr: expected healthy within 120 s, found starting (model loading)",
    )


def _operation_state(*, done: bool, failed: bool) -> OperationState:
    if failed:
        return OperationState.FAILED
    return OperationState.SUCCEEDED if done else OperationState.RUNNING


def _state(index: int, ticks: int) -> StepState:
    if ticks >= 2 * index + 2:
        return StepState.DONE
    return StepState.RUNNING if ticks >= 2 * index else StepState.PENDING


def _step(index: int, state: StepState) -> StepStatus:
    name, title, size, seconds = STEPS[index]
    begun = NOW - timedelta(seconds=60 - index)
    over = state in (StepState.DONE, StepState.FAILED)
    return StepStatus(
        name=name,
        title=title,
        state=state,
        done_bytes=size * 6 // 10 if state is StepState.RUNNING else size * over,
        total_bytes=size,
        started=None if state is StepState.PENDING else begun,
        ended=begun + timedelta(seconds=seconds) if over else None,
    )


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
        signers=("root 4f1a77c2", "root c03d5e18", "targets 9be04d11"),
    )


def license_summary() -> LicenseSummary:
    return LicenseSummary(
        license_id="ANX-2026-000017",
        customer="Harbor Control, Site North",
        state="valid",
        exp=datetime(2027, 1, 31, 12, 0, tzinfo=UTC),
        term=datetime(2027, 2, 28, 12, 0, tzinfo=UTC),
        entitlements={
            "kind": "production",
            "features": ["batch"],
            "limits": {"streams": 8},
        },
    )


def installed_status(engine: FakeEngine, operation: Operation | None) -> Status:
    services = tuple(
        _service(name, cpu, memory, limit, down=engine.services_down and name == "asr")
        for name, cpu, memory, limit in (
            ("edge", 0.4, 34, 256),
            ("api", 2.1, 118, 1024),
            ("asr", 96.5, 712, 4096),
            ("license", 0.1, 52, 256),
            ("redis", 0.3, 14, 256),
        )
    )
    return Status(
        installed=True,
        release=ReleaseInfo(
            product_version="0.1.0",
            release_seq=1,
            created=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
            installed_at=NOW,
        ),
        services=services,
        license={
            "state": "VALID",
            "banner": "",
            "license": {
                "licensee": "Harbor Control, Site North",
                "exp": "2027-01-31T12:00:00Z",
                "term": "2027-02-28T12:00:00Z",
            },
        },
        gpus=engine.gpus,
        host=HostMetrics(
            taken_at=NOW.timestamp(),
            uptime_s=86400.0,
            cpu_count=16,
            cpu_percent=31.0,
            load_1m=4.2,
            memory_total_bytes=16 * GIB,
            memory_available_bytes=11 * GIB,
            swap_used_bytes=0,
            disks=(
                DiskUse(
                    label="engine",
                    path="/var/lib/docker",
                    total_bytes=64 * GIB,
                    free_bytes=42 * GIB,
                ),
            ),
        ).to_json(),
        api_url="http://127.0.0.1:8080",
        dashboard_url="http://127.0.0.1:9470",
        operation=None if operation is None else operation,
    )


def _service(
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
