"""An engine in memory that drives the screens in tests and pictures.

An operation advances by `speed` ticks whenever it is asked for, two ticks a
step, so that a run always looks the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

from pydantic import JsonValue

from installer.errors import ENGINE_UNREACHABLE, SERVICE_UNHEALTHY, InstallerError
from installer.findings import Finding
from installer.host_metrics import DiskUse, HostMetrics
from installer.protocol import (
    CheckLine,
    LicenseRequestBody,
    LicenseSummary,
    MediumSummary,
    Operation,
    OperationState,
    Plan,
    PlanStep,
    ReleaseInfo,
    SimulateBody,
    SimulationBody,
    Status,
    StepState,
    StepStatus,
)
from installer.settings import Settings
from offline_license.errors import ExtensionCodeError
from tests.support import fake_license
from tests.support.fake_engine_facts import (
    GIB,
    NO_GPU,
    NOW,
    PORT_TAKEN,
    STEPS,
    TAMPERED,
    checks,
    medium_summary,
    no_gpu,
    service,
)
from tests.support.fake_license import FakeLicense


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
    port_taken: bool = False
    ticks: int | None = None
    fails_at: str = ""
    speed: int = 1
    silent: bool = False
    gate: Event | None = None
    gpus: dict[str, JsonValue] = field(default_factory=no_gpu)
    services_down: bool = False
    notes: tuple[Finding, ...] = ()
    license_service: FakeLicense = field(default_factory=FakeLicense)
    simulated: SimulateBody | None = None
    calls: list[str] = field(default_factory=list)
    settings: Settings | None = None
    trust: str | None = None

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

    def checks(self, settings: Settings) -> tuple[CheckLine, ...]:
        self._called("checks")
        return checks(port_taken=self.port_taken and settings.port == 8080)

    def medium(self, path: str, trust: str | None) -> MediumSummary:
        self._called("medium")
        self.trust = trust
        if "tampered" in path:
            raise RefusedError(TAMPERED)
        return medium_summary(path)

    def license(self, path: str) -> LicenseSummary:
        self._called("license")
        if "foreign" in path:
            raise RefusedError(fake_license.FOREIGN)
        return fake_license.license_summary()

    def license_request(self) -> LicenseRequestBody:
        self._called("license_request")
        return fake_license.request(known=self.installed)

    def check_license_bytes(
        self, data: bytes, *, medium: str | None = None, trust: str | None = None
    ) -> LicenseSummary:
        self._called("check_license_bytes")
        self.trust = trust if medium else self.trust
        return _judged(data, installed=False)

    def install_license_bytes(
        self, data: bytes, accept_loss: bool = False
    ) -> LicenseSummary:
        self._called("install_license_bytes")
        self.license_service.accepted.append(accept_loss)
        self.license_service.renew()
        return _judged(data, installed=True)

    def extend_license(self, code: str) -> Mapping[str, JsonValue]:
        self._called("extend_license")
        if code.upper() not in fake_license.CODES:
            raise ExtensionCodeError("expected a code of this license, found another")
        return self.license_service.extend()

    def confirm_clock(self) -> Mapping[str, JsonValue]:
        self._called("confirm_clock")
        return {}

    def restored(self) -> Mapping[str, JsonValue]:
        self._called("restored")
        return {}

    def drill(self, minutes: int) -> Mapping[str, JsonValue]:
        self._called("drill")
        return self.license_service.drill(minutes)

    def simulate(self, body: SimulateBody) -> SimulationBody:
        self._called("simulate")
        self.simulated = body
        return fake_license.simulation(body)

    def plan(self, settings: Settings) -> Plan:
        self._called("plan")
        self.settings = settings
        taken = self.port_taken and settings.port == 8080
        steps = tuple(
            PlanStep(name=n, title=t, size_bytes=b, estimate_s=s)
            for n, t, b, s in STEPS
        )
        return Plan(
            steps=steps,
            findings=((PORT_TAKEN,) if taken else ()) + (NO_GPU,),
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
            settings=self.settings,
        )


def _judged(data: bytes, *, installed: bool) -> LicenseSummary:
    found = fake_license.judge(data, installed=installed)
    if isinstance(found, Finding):
        raise RefusedError(found)
    return found


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
        detail="this host can carry the whole appliance" if over and not index else "",
    )


def installed_status(engine: FakeEngine, operation: Operation | None) -> Status:
    services = tuple(
        service(name, cpu, memory, limit, down=engine.services_down and name == "asr")
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
        license=engine.license_service.answer,
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
        operation=operation,
        findings=engine.notes,
    )
