"""A host with real license files, a real issuer and, when asked, a license container.

Clocks are turned by hand; the container is the real program, in a thread of the test.
"""

# ruff: noqa: ANN401 - changes go to dataclasses.replace
from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import uvicorn

from appliance.license_proxy.app import create_app
from appliance.license_proxy.config import Config
from appliance.license_proxy.keeper import Keeper
from appliance.paths import HostPaths
from installer.engine.anchors import anchor_file
from installer.engine.durable import HostFiles
from installer.engine.licensing import HostLicenses, LicenseService
from offline_license.keys import private_key_from_pem, public_bytes
from offline_license.license import peek_license
from offline_license.tolerances import DAY_S
from tests.support.fake_site import FakeMedium, FakeSite
from tests.support.license_site import Chance, Clocks
from tests.support.licensing import FACTS, IAT, Issuer
from tests.support.media import MediumFactory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.applications import Starlette

__all__ = ["LicenseHost"]


@dataclass
class LicenseHost:
    """One host, with the trust of one issuer.

    Attributes:
        url: of the running license container; None while it does not run.
    """

    root: Path
    issuer: Issuer = field(default_factory=Issuer)
    clocks: Clocks = field(default_factory=lambda: Clocks(wall_s=IAT + DAY_S))
    url: str | None = None

    @property
    def paths(self) -> HostPaths:
        """Where things are."""
        return HostPaths(self.root)

    @property
    def medium(self) -> FakeMedium:
        """A medium that carries the key set of the issuer."""
        medium = FakeSite(self.root).world.medium
        medium.keyset_bytes = self.issuer.keyset_bytes()
        medium.license_anchor = self.issuer.anchor.to_bytes()
        return medium

    @property
    def licenses(self) -> HostLicenses:
        """What is tested."""
        return HostLicenses(
            self.paths,
            facts=lambda: FACTS,
            service=LicenseService(lambda: self.url),
            build="0.1.0",
            now=lambda: datetime.fromtimestamp(self.clocks.wall_s, UTC),
            files=HostFiles(chown=lambda _path, _user, _group: None),
        )

    @property
    def install_public(self) -> bytes:
        """The public install key."""
        data = (self.paths.license / "install.key").read_bytes()
        return public_bytes(private_key_from_pem(data))

    @property
    def installed(self) -> dict[str, int]:
        """The sequence of each installed license, by file name."""
        shelf = self.licenses.shelf
        return {name: peek_license(data).seq for name, data in shelf.licenses().items()}

    def prepare(self) -> LicenseHost:
        """Do what an installation does before the license, and pin the trust."""
        self.licenses.prepare(self.medium)
        anchor = self.issuer.anchor.to_bytes()
        vendor = MediumFactory(self.root / "vendor", license_anchor=anchor)
        pinned = anchor_file(self.paths)
        pinned.parent.mkdir(parents=True, exist_ok=True)
        pinned.write_bytes(vendor.anchor.to_json())
        return self

    def license_bytes(self, **changes: Any) -> bytes:
        """Return a license for this installation, binary."""
        return self.issuer.license_bytes(
            **{"install_key": self.install_public, **changes}
        )

    def license_text(self, **changes: Any) -> str:
        """Return a license for this installation, as text."""
        return self.issuer.license_text(
            **{"install_key": self.install_public, **changes}
        )

    def response_bytes(self, *, seq: int = 1, **changes: Any) -> bytes:
        """Return a response with a license for this installation."""
        enclosed = {"license": self.license_bytes(seq=seq), **changes}
        return self.issuer.response_bytes(**enclosed)

    @contextlib.contextmanager
    def container(self) -> Iterator[Keeper]:
        """Run the license container of this host."""
        self.paths.license_state.mkdir(parents=True, exist_ok=True)
        anchor = self.root / "anchor.cbor"
        anchor.write_bytes(self.issuer.anchor.to_bytes())
        keeper = Keeper(
            Config(self.paths.license, self.paths.license_state, anchor),
            self.issuer.anchor,
            read_clocks=self.clocks,
            random_bytes=Chance(),
        )
        with _served(create_app(keeper)) as port:
            self.url = f"http://127.0.0.1:{port}"
            try:
                yield keeper
            finally:
                self.url = None


@contextlib.contextmanager
def _served(app: Starlette) -> Iterator[int]:
    """Serve on a free port of the loopback, in a thread.

    The socket listens at once; whoever asks early waits for the program.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
