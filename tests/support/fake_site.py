"""A site in a temporary folder: real files and journals, fakes for the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from appliance.paths import HostPaths
from appliance.topology import HostSize
from installer.bundle_bodies import BundlePlan
from installer.engine.durable import HostFiles
from installer.engine.site import Site
from installer.errors import NO_MEDIUM, InstallerError
from installer.gpu import GpuInventory
from installer.preflight import CheckResult
from installer.protocol import (
    ImageSummary,
    LicenseRequestBody,
    LicenseSummary,
    MediumSummary,
    ModelSummary,
    SimulateBody,
    SimulationBody,
)
from installer.settings import Settings
from tests.support.fake_engine import FakeEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pydantic import JsonValue

    from appliance.engines import ContainerEngine
    from appliance.isolation import Exposure
    from appliance.specs import NetworkSpec
    from appliance.topology import Topology
    from installer.engine.site import LicensingSource, OpenMedium
    from installer.findings import Finding

__all__ = ["T0", "FakeMedium", "FakeSite"]

T0 = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SERVICES = ("redis", "license", "api", "asr", "edge")


def _ready() -> dict[str, JsonValue]:
    return {"ready": True}


def _image(name: str) -> ImageSummary:
    return ImageSummary(
        name=name, image_id=f"sha256:{name}".ljust(71, "0"), size_bytes=1000
    )


@dataclass
class FakeMedium:
    """A medium of five images and one model, always intact unless told."""

    summary: MediumSummary
    damage: tuple[Finding, ...] = ()
    keyset_bytes: bytes = b"keyset"
    license_anchor: bytes = b"anchor"
    revocations_bytes: bytes | None = None

    def check(self) -> tuple[Finding, ...]:
        return self.damage

    def require_base(self, engine: ContainerEngine) -> None:
        assert engine is not None

    def plan(self, engine: ContainerEngine) -> BundlePlan:
        missing = self.missing_bytes(engine)
        return BundlePlan(
            product_version=self.summary.product_version,
            release_seq=self.summary.release_seq,
            images=(),
            models=(),
            read_bytes=missing,
            store_bytes=missing,
            temporary_bytes=missing,
            estimate_s=1,
        )

    def missing_bytes(self, engine: ContainerEngine) -> int:
        return 0 if engine.known_layers() else 9000

    def pin(self) -> None:
        return None

    def load_image(
        self,
        image: ImageSummary,
        engine: ContainerEngine,
        progress: Callable[[int, int], None],
    ) -> str:
        progress(500, 1000)
        engine.load([image.image_id.encode()])
        progress(1000, 1000)
        return "2 layers"

    def model_folder(self, model: ModelSummary) -> str:
        return f"{model.name}-1"

    def copy_model(
        self,
        model: ModelSummary,
        target: Path,
        progress: Callable[[int, int], None],
    ) -> None:
        progress(model.size_bytes, model.size_bytes)
        target.mkdir(exist_ok=True)
        (target / "model.bin").write_bytes(b"weights")


class Gate(Protocol):
    """Holds whoever comes through, until a test lets go."""

    def hold(self) -> None: ...


@dataclass
class FakeWorld:
    """Everything around the engine that tests may bend.

    Attributes:
        opened: paths of media that were opened.
        exposures_found: ways out that the probe reports.
        health: body of the API's health, or None when it does not answer.
    """

    medium: FakeMedium
    refusal: Exception | None = None
    license_refusal: Exception | None = None
    preflight_findings: tuple[Finding, ...] = ()
    exposures_found: tuple[Exposure, ...] = ()
    health: dict[str, JsonValue] | None = field(default_factory=_ready)
    unit: Path | None = None
    present: bool = False
    applied: tuple[NetworkSpec, ...] | None = None
    opened: list[Path] = field(default_factory=list)
    own_ports: set[int] = field(default_factory=set)
    preflight_gate: Gate | None = None
    refreshed: int = 0
    license_file: Path | None = None
    trusted: list[bytes] = field(default_factory=list)
    gpu_indexes: tuple[int, ...] = ()
    inventory: GpuInventory = field(default_factory=GpuInventory)

    def open(self, path: Path, trust: Path | None) -> FakeMedium:
        self.opened.append(path)
        if self.refusal is not None:
            raise self.refusal
        if trust is not None and not trust.is_absolute():
            raise InstallerError(NO_MEDIUM, "a relative anchor")
        return self.medium

    def check(self, path: Path, medium: OpenMedium | None) -> LicenseSummary:
        assert medium is None or medium.keyset_bytes
        if self.license_refusal is not None:
            raise self.license_refusal
        return LicenseSummary(
            license_id=path.stem,
            customer="Example Ltd",
            state="valid",
            exp=T0 + timedelta(days=365),
            term=T0 + timedelta(days=395),
        )

    def prepare(self, medium: OpenMedium) -> None:
        assert medium.license_anchor

    def is_installed(self, path: Path) -> bool:
        return self.present and path == self.license_file

    def refresh(self) -> None:
        self.refreshed += 1

    def request(self) -> LicenseRequestBody:
        return LicenseRequestBody(armored="REQUEST", filename="host.alir")

    def license_status(self) -> dict[str, JsonValue] | None:
        return {"state": "valid"} if self.present else None

    def size(self) -> HostSize:
        return HostSize(cpus=4, memory_bytes=8 * 2**30)

    def gpus(self) -> tuple[int, ...]:
        return self.gpu_indexes

    def gpu_inventory(self) -> GpuInventory:
        return self.inventory

    def preflight(self, settings: Settings, payload_bytes: int) -> tuple[Finding, ...]:
        if self.preflight_gate is not None:
            self.preflight_gate.hold()
        assert payload_bytes >= 0
        assert settings.port
        return self.preflight_findings

    def checks(self, settings: Settings, payload_bytes: int) -> tuple[CheckResult, ...]:
        findings = self.preflight(settings, payload_bytes)
        return (CheckResult("machine", "Machine", "This machine", "seen", findings),)

    def addresses(self) -> tuple[str, ...]:
        return ("127.0.0.1",)

    def figures(self) -> dict[str, JsonValue]:
        return {"cpu_count": 4}

    def apply(self, networks: Iterable[NetworkSpec]) -> None:
        self.applied = tuple(networks)

    def remove(self) -> None:
        self.applied = None

    def is_applied(self) -> bool:
        return self.applied is not None

    def api_health(self, url: str) -> dict[str, JsonValue] | None:
        assert url.startswith("http://")
        return self.health

    def exposures(
        self, topology: Topology, addresses: Sequence[str]
    ) -> tuple[Exposure, ...]:
        assert topology.containers
        assert addresses
        return self.exposures_found


@dataclass
class FakeSupervisor:
    unit: Path | None = None

    def install(self) -> None:
        assert self.unit
        self.unit.write_text("[Unit]\n")

    def remove(self) -> None:
        assert self.unit
        self.unit.unlink(missing_ok=True)


class FakeContainer:
    """The license container of a site, which keeps what it was told."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, dict[str, Any]]] = []

    def order(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.orders.append((path, body))
        return {"state": "VALID"}

    def report(self, level: str, since: int) -> bytes:
        return f"{level} {since}".encode()


class FakeLicenses:
    """The license side of the world."""

    def __init__(self, world: FakeWorld) -> None:
        self._world = world
        self.service = FakeContainer()
        self.check, self.prepare = world.check, world.prepare
        self.refresh, self.is_installed = world.refresh, world.is_installed
        self.request, self.status = world.request, world.license_status

    @property
    def present(self) -> bool:
        return self._world.present

    def take_trust(self, source: LicensingSource) -> None:
        self._world.trusted.append(source.keyset_bytes)

    def install(
        self, path: Path, medium: OpenMedium | None, *, accept_loss: bool = False
    ) -> LicenseSummary:
        assert not accept_loss
        summary = self._world.check(path, medium)
        self._world.present = True
        self._world.license_file = path
        return summary

    def check_bytes(self, data: bytes, medium: OpenMedium | None) -> LicenseSummary:
        return self._world.check(Path(data.decode()), medium)

    def install_bytes(
        self, data: bytes, medium: OpenMedium | None, *, accept_loss: bool = False
    ) -> LicenseSummary:
        return self.install(Path(data.decode()), medium, accept_loss=accept_loss)

    def simulate(self, body: SimulateBody, medium: OpenMedium | None) -> SimulationBody:
        assert medium is None
        return SimulationBody(
            at=body.at or T0,
            state="valid",
            flags=(),
            banner="",
            exp=None,
            term=None,
            service=(),
            timeline=(),
        )


class FakeSite:
    """Builds a ``Site`` in a folder, and keeps the parts for a test to bend."""

    def __init__(self, root: Path) -> None:
        self.paths = HostPaths(root)
        self.engine = FakeEngine()
        images = tuple(_image(name) for name in SERVICES)
        self.world = FakeWorld(
            FakeMedium(
                MediumSummary(
                    path="/media/release",
                    product_version="1.2.3",
                    release_seq=7,
                    created=T0,
                    images=images,
                    models=(ModelSummary(name="demo", size_bytes=1000),),
                    total_bytes=6000,
                )
            )
        )
        self.supervisor = FakeSupervisor()

    def site(self) -> Site:
        return Site(
            paths=self.paths,
            engine=self.engine,
            firewall=self.world,
            media=self.world,
            licenses=FakeLicenses(self.world),
            host=self.world,
            prober=self.world,
            supervisor=self.supervisor,
            files=HostFiles(chown=lambda _path, _user, _group: None),
            health_deadline_s=0.05,
            poll_s=0.01,
        )

    def settings(self, **changes: object) -> Settings:
        values: dict[str, object] = {
            "medium": "/media/release",
            "license": "/media/site.alic",
        }
        return Settings.model_validate(values | changes)
