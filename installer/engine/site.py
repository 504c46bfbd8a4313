"""Everything outside the engine that operations touch, as one value.

The protocols are the seams: the real ones wrap Docker, nftables, the medium
and the license; tests give their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from installer.engine.durable import HostFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from pydantic import JsonValue

    from appliance.engines import ContainerEngine
    from appliance.isolation import Exposure
    from appliance.paths import HostPaths
    from appliance.specs import NetworkSpec
    from appliance.topology import HostSize, Topology
    from installer.bundle_bodies import BundlePlan
    from installer.engine.license_gate import LicenseGate
    from installer.findings import Finding
    from installer.gpu import GpuInventory
    from installer.preflight import CheckResult
    from installer.protocol import (
        ImageSummary,
        MediumSummary,
        ModelSummary,
    )
    from installer.settings import Settings

__all__ = [
    "Firewall",
    "HostGate",
    "LicensingSource",
    "MediumGate",
    "OpenMedium",
    "Prober",
    "Site",
    "Supervisor",
]


class LicensingSource(Protocol):
    """A medium or a trust update: what it carries for licenses, signed by the vendor."""

    @property
    def keyset_bytes(self) -> bytes:
        """Return the key set of licenses."""

    @property
    def revocations_bytes(self) -> bytes | None:
        """Return the list of revoked licenses, where there is one."""

    @property
    def license_anchor(self) -> bytes:
        """Return the root of trust for licenses, from the trust anchor."""


class OpenMedium(LicensingSource, Protocol):
    """A medium whose metadata was verified before anything was read from it."""

    @property
    def summary(self) -> MediumSummary:
        """Return the release in figures."""

    def require_base(self, engine: ContainerEngine) -> None:
        """Refuse a delta medium that leaves out what is not on this host.

        Raises:
            DeltaBaseError: with the list of what is missing.
        """

    def plan(self, engine: ContainerEngine) -> BundlePlan:
        """Say what loading would read, store and take; nothing is changed."""

    def missing_bytes(self, engine: ContainerEngine) -> int:
        """Return what the disks of this host will still have to take."""

    def check(self) -> tuple[Finding, ...]:
        """Name what is missing, foreign or changed, apart from the blobs' content.

        Blobs are read once, while they load, and hashed on the way.
        """

    def pin(self) -> None:
        """Keep the trust anchor on this host, so that it need not be given again."""

    def load_image(
        self,
        image: ImageSummary,
        engine: ContainerEngine,
        progress: Callable[[int, int], None],
    ) -> str:
        """Load what is missing of one image; return a few words about it."""

    def model_folder(self, model: ModelSummary) -> str:
        """Return the name of the folder of an installed model."""

    def copy_model(
        self,
        model: ModelSummary,
        target: Path,
        progress: Callable[[int, int], None],
    ) -> None:
        """Copy a model, hashing it; the target appears complete or not at all."""


class MediumGate(Protocol):
    """Opens media."""

    def open(self, path: Path, trust: Path | None) -> OpenMedium:
        """Verify the metadata of a medium.

        Raises:
            BundleError: it is refused.
        """


class HostGate(Protocol):
    """Facts about this machine."""

    @property
    def own_ports(self) -> set[int]:
        """Ports that anechoicd itself listens on; preflight leaves them out."""

    def size(self) -> HostSize:
        """Return processors and memory."""

    def gpus(self) -> tuple[int, ...]:
        """Return the indexes of GPUs that containers can use."""

    def gpu_inventory(self) -> GpuInventory:
        """Return the cards and the driver, to compare with later."""

    def preflight(self, settings: Settings, payload_bytes: int) -> tuple[Finding, ...]:
        """Check the host against the settings."""

    def checks(self, settings: Settings, payload_bytes: int) -> tuple[CheckResult, ...]:
        """Run every check of the host, also those that find nothing."""

    def addresses(self) -> tuple[str, ...]:
        """Return the IPv4 addresses of all interfaces of the host."""

    def figures(self) -> dict[str, JsonValue]:
        """Return figures of the host for the status screen."""


class Firewall(Protocol):
    """The appliance's own packet filter table."""

    def apply(self, networks: Iterable[NetworkSpec]) -> None:
        """Put the table in force."""

    def remove(self) -> None:
        """Have no table."""

    def is_applied(self) -> bool:
        """Tell whether the table is in force."""


class Prober(Protocol):
    """Looks at the running appliance from the outside and from within."""

    def api_health(self, url: str) -> dict[str, JsonValue] | None:
        """Ask the published API; None when it does not answer with 200."""

    def exposures(
        self, topology: Topology, addresses: Sequence[str]
    ) -> tuple[Exposure, ...]:
        """Try every way out of every container; return those that are open."""


class Supervisor(Protocol):
    """Starts anechoicd after a reboot, when the host has systemd."""

    @property
    def unit(self) -> Path | None:
        """The unit file, or None without systemd."""

    def install(self) -> None:
        """Enable the unit."""

    def remove(self) -> None:
        """Disable the unit and remove its file."""


@dataclass(frozen=True, slots=True)
class Site:
    """One host, with everything that operations need."""

    paths: HostPaths
    engine: ContainerEngine
    firewall: Firewall
    media: MediumGate
    licenses: LicenseGate
    host: HostGate
    prober: Prober
    supervisor: Supervisor
    files: HostFiles = field(default_factory=HostFiles)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    health_deadline_s: float = 300.0
    poll_s: float = 0.5
