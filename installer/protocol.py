"""The language between anechoicd and its viewers: models of every body.

A refused request has status 4xx and the body ``ErrorBody``. The event stream
of an operation is JSON lines, each a whole ``Operation``; a viewer replaces
what it shows and may miss lines.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads the annotation
from enum import StrEnum

from pydantic import Field, JsonValue

from installer.findings import Finding  # noqa: TC001  pydantic reads it
from installer.license_bodies import (
    ExtensionBody,
    LicenseBytes,
    LicensePath,
    LicenseRequestBody,
    LicenseSummary,
    MinutesBody,
    OperatorBody,
    SimulateBody,
    SimulatedChange,
    SimulatedService,
    SimulationBody,
)
from installer.settings import Settings  # noqa: TC001  pydantic reads it
from installer.wire import OperationKind, WireModel

__all__ = [
    "PROTOCOL",
    "CheckLine",
    "EngineVersion",
    "ErrorBody",
    "ExtensionBody",
    "FindingsBody",
    "ImageSummary",
    "KeyCreated",
    "KeyInfo",
    "KeyRequest",
    "KeysBody",
    "LicenseBytes",
    "LicensePath",
    "LicenseRequestBody",
    "LicenseSummary",
    "MediumRequest",
    "MediumSummary",
    "MinutesBody",
    "ModelSummary",
    "Operation",
    "OperationRequest",
    "OperationState",
    "OperatorBody",
    "Plan",
    "PlanStep",
    "PreflightBody",
    "ReleaseInfo",
    "ServiceStatus",
    "SettingsBody",
    "SimulateBody",
    "SimulatedChange",
    "SimulatedService",
    "SimulationBody",
    "Status",
    "StepState",
    "StepStatus",
]

PROTOCOL = 1
"""Version of this language; a viewer of another one is refused."""


class StepState(StrEnum):
    """Where one step of an operation stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class OperationState(StrEnum):
    """Where an operation stands; all but ``RUNNING`` are final."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class StepStatus(WireModel):
    """One step as a viewer shows it; ``skipped`` means finished earlier."""

    name: str
    title: str
    state: StepState = StepState.PENDING
    done_bytes: int = 0
    total_bytes: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    detail: str = ""


class Operation(WireModel):
    """One install, load or uninstall, running or ended.

    Attributes:
        settings: what an install was asked with, so that any viewer can ask again.
    """

    id: str
    kind: OperationKind
    state: OperationState
    steps: tuple[StepStatus, ...]
    started: datetime
    ended: datetime | None = None
    finding: Finding | None = None
    warnings: tuple[Finding, ...] = ()
    settings: Settings | None = None


class OperationRequest(WireModel):
    """What to start; an install and a load need settings, a load only the medium."""

    kind: OperationKind
    settings: Settings | None = None
    keep_license: bool = False


class PlanStep(WireModel):
    """One step before it runs, with its expected size and time."""

    name: str
    title: str
    size_bytes: int = 0
    estimate_s: float = 0.0


class Plan(WireModel):
    """What an install would do, and everything that speaks against it."""

    steps: tuple[PlanStep, ...]
    findings: tuple[Finding, ...]
    total_bytes: int
    total_estimate_s: float


class SettingsBody(WireModel):
    """Settings to check or to plan with."""

    settings: Settings


class FindingsBody(WireModel):
    """The findings of a check; empty when all is well."""

    findings: tuple[Finding, ...]


class CheckLine(WireModel):
    """One check of the machine, also when all is well.

    Attributes:
        topic: heading to group under.
        detail: what was seen, in a few words.
    """

    name: str
    topic: str
    title: str
    detail: str
    findings: tuple[Finding, ...] = ()


class PreflightBody(WireModel):
    """The findings of a look at the machine, and every check behind them."""

    findings: tuple[Finding, ...]
    checks: tuple[CheckLine, ...]


class ErrorBody(WireModel):
    """Why a request was refused; ``findings`` holds them all."""

    finding: Finding
    findings: tuple[Finding, ...] = ()


class MediumRequest(WireModel):
    """A medium to open, and the trust anchor when none is pinned yet."""

    path: str
    trust: str | None = None


class ImageSummary(WireModel):
    """One container image on the medium."""

    name: str
    image_id: str
    size_bytes: int


class ModelSummary(WireModel):
    """One model on the medium."""

    name: str
    size_bytes: int


class MediumSummary(WireModel):
    """A verified medium in figures."""

    path: str
    product_version: str
    release_seq: int
    created: datetime
    install_by: datetime | None = None
    images: tuple[ImageSummary, ...]
    models: tuple[ModelSummary, ...]
    total_bytes: int
    signers: tuple[str, ...] = ()
    anchor_fingerprint: str = ""


class ReleaseInfo(WireModel):
    """The installed release."""

    product_version: str
    release_seq: int
    created: datetime
    installed_at: datetime


class ServiceStatus(WireModel):
    """One container; a figure that cannot be read is None, never zero.

    Attributes:
        state: ``running``, ``exited``, ``missing`` or another engine word.
        health: ``healthy``, ``unhealthy``, ``starting`` or ``none``.
        cpu_percent: of one core, so 200 means two cores.
    """

    name: str
    replica: int = 1
    state: str
    health: str
    image_id: str = ""
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    restarts: int = 0


class Status(WireModel):
    """Everything a status screen shows.

    Attributes:
        license: the answer of the license container, or None.
        gpus: the report of the GPU probe, or None.
        host: figures of the host by name.
        findings: what the engine noticed while it collected this.
    """

    installed: bool
    release: ReleaseInfo | None = None
    services: tuple[ServiceStatus, ...] = ()
    license: dict[str, JsonValue] | None = None
    gpus: dict[str, JsonValue] | None = None
    host: dict[str, JsonValue] = Field(default_factory=dict)
    api_url: str | None = None
    dashboard_url: str | None = None
    operation: Operation | None = None
    findings: tuple[Finding, ...] = ()


class KeyRequest(WireModel):
    """A name for a new API key."""

    name: str = Field(min_length=1, max_length=64)


class KeyInfo(WireModel):
    """An API key without its text."""

    id: str
    name: str
    created: datetime


class KeyCreated(KeyInfo):
    """A new API key; its text is shown this once and kept nowhere."""

    key: str = Field(repr=False)


class KeysBody(WireModel):
    """All API keys."""

    keys: tuple[KeyInfo, ...]


class EngineVersion(WireModel):
    """Who answers on the socket."""

    product_version: str
    protocol: int
    pid: int
