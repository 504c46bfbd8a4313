"""A site with a license container inside the test's process.

The keeper, the files and the HTTP face are real; the clocks are turned by hand.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from appliance.leases import LeaseClient, PublicFolder
from appliance.license_files import PUBLIC
from appliance.license_proxy.app import create_app
from appliance.license_proxy.config import Config
from appliance.license_proxy.keeper import Keeper
from offline_license.clock import Reading
from offline_license.tolerances import HOUR_S
from tests.support.licensing import IAT, Issuer

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Clocks:
    """Wall clock, run time and boot, turned by hand."""

    wall_s: int = IAT
    boot_s: int = 1_000
    boot: int = 1

    def __call__(self) -> Reading:
        return Reading(self.wall_s, self.boot_s, f"boot {self.boot}")

    def run(self, seconds: int) -> None:
        """Let time pass on both clocks."""
        self.wall_s += seconds
        self.boot_s += seconds

    def reboot(self, off_s: int = 60) -> None:
        """Be off for a while and boot."""
        self.wall_s += off_s
        self.boot, self.boot_s = self.boot + 1, 0


@dataclass
class Chance:
    """Bytes that look random and repeat in every run of a test."""

    count: int = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return hashlib.sha512(str(self.count).encode()).digest()[:size]


@dataclass
class LicenseSite:
    """Folders, clocks and the running program of one site."""

    root: Path
    issuer: Issuer = field(default_factory=Issuer)
    clocks: Clocks = field(default_factory=Clocks)
    chance: Chance = field(default_factory=Chance)

    def __post_init__(self) -> None:
        self.public.mkdir(parents=True)
        self.config.state.mkdir()
        self.config.anchor.write_bytes(self.issuer.anchor.to_bytes())

    @property
    def config(self) -> Config:
        """Where the program finds its files."""
        return Config(
            site=self.root / "license",
            state=self.root / "state",
            anchor=self.root / "anchor.cbor",
        )

    @property
    def public(self) -> Path:
        """The part of the license folder that every container may see."""
        return self.config.site / PUBLIC

    def install(self, **changes: Any) -> None:  # noqa: ANN401 - for replace
        """Put all files of a licensed site in place."""
        self.issuer.write_site(self.config.site, **changes)

    def put(self, name: str, data: bytes) -> None:
        """Replace one file as the installer does, by a rename."""
        private = name in {"install.key", "host.json"}
        folder = self.config.site if private else self.public
        temporary = folder / f".{name}"
        temporary.write_bytes(data)
        temporary.replace(folder / name)

    def start(self) -> Keeper:
        """Start the program's keeper; a second call is a restart."""
        return Keeper(
            self.config,
            self.issuer.anchor,
            read_clocks=self.clocks,
            random_bytes=self.chance,
        )

    def pass_hours(self, keeper: Keeper, hours: int) -> None:
        """Let the program run, and look once an hour."""
        for _ in range(hours):
            self.clocks.run(HOUR_S)
            keeper.refresh()

    def http(self, keeper: Keeper) -> httpx.AsyncClient:
        """Return an HTTP client that talks to the program in this process."""
        transport = httpx.ASGITransport(create_app(keeper))
        return httpx.AsyncClient(transport=transport, base_url="http://license:6699")

    def client(
        self,
        http: httpx.AsyncClient,
        instance: str = "asr-1",
        role: str = "asr",
        *,
        mounted: bool = True,
        replicas: int = 1,
    ) -> LeaseClient:
        """Return the lease client of one service of this site.

        Args:
            http: reaches the license container.
            instance, role: who asks.
            mounted: whether the public part of the license folder is mounted.
            replicas: of this role.
        """
        return LeaseClient(
            "http://license:6699",
            anchor=self.issuer.anchor,
            instance=instance,
            role=role,
            folder=PublicFolder(self.public) if mounted else None,
            replicas=replicas,
            build="0.1.0",
            http=http,
            run_clock=lambda: self.clocks.boot_s,
            wall_clock=lambda: self.clocks.wall_s,
            nonce=lambda: self.chance(16),
        )
