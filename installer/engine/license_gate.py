"""What the engine asks of the licenses of a host: the seam for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from installer.engine.site import LicensingSource, OpenMedium
    from installer.protocol import (
        LicenseRequestBody,
        LicenseSummary,
        SimulateBody,
        SimulationBody,
    )

__all__ = ["LicenseContainer", "LicenseGate"]


class LicenseContainer(Protocol):
    """The running license container, as far as it can be told to do something."""

    def order(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Have it do something and return its answer.

        Raises:
            InstallerError: it refused, or did not answer.
        """

    def report(self, level: str, since: int) -> bytes:
        """Return the signed usage report."""


class LicenseGate(Protocol):
    """Judges and installs licenses of this host.

    A medium brings the key set that licenses are judged by; without one, what was
    installed from an earlier medium is used.
    """

    @property
    def service(self) -> LicenseContainer:
        """The license container."""

    def take_trust(self, source: LicensingSource) -> None:
        """Keep a newer key set and list of revocations.

        Raises:
            LicenseError: the key set is not genuine; nothing is changed.
        """

    def check(self, path: Path, medium: OpenMedium | None) -> LicenseSummary:
        """Verify the license of a file for this host, changing nothing.

        Raises:
            LicenseError: it is refused.
            InstallerError: it is expired, or there is no trust to judge it by.
        """

    def install(
        self, path: Path, medium: OpenMedium | None, *, accept_loss: bool = False
    ) -> LicenseSummary:
        """Verify the license of a file and put it where the container reads it."""

    def check_bytes(self, data: bytes, medium: OpenMedium | None) -> LicenseSummary:
        """Recognize, verify and judge whatever was carried in, changing nothing."""

    def install_bytes(
        self, data: bytes, medium: OpenMedium | None, *, accept_loss: bool = False
    ) -> LicenseSummary:
        """Put whatever was carried in in force."""

    def prepare(self, medium: OpenMedium) -> None:
        """Have the install key, the key set and the host facts in place."""

    def is_installed(self, path: Path) -> bool:
        """Tell whether this very license is installed."""

    def refresh(self) -> None:
        """Write anew what the license recognizes this host by, when it changed."""

    def request(self) -> LicenseRequestBody:
        """Make a license request for this host."""

    def simulate(self, body: SimulateBody, medium: OpenMedium | None) -> SimulationBody:
        """Rehearse a date, a clock and swapped parts, changing nothing."""

    def status(self) -> dict[str, JsonValue] | None:
        """Ask the running license container; None when it does not answer."""

    @property
    def present(self) -> bool:
        """Tell whether a license file is installed."""
