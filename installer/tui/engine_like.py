"""The seam between the screens and the engine.

The screens know only this protocol. `installer.client` fulfills it in the
product, an in-memory engine does in tests and pictures. Every call may block
and is therefore made off the interface thread; every refusal is an exception
that `Finding.from_error` understands.
"""

from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue

from installer.protocol import (
    CheckLine,
    LicenseRequestBody,
    LicenseSummary,
    MediumSummary,
    Operation,
    Plan,
    SimulateBody,
    SimulationBody,
    Status,
)
from installer.settings import Settings


class EngineLike(Protocol):
    """What the screens ask of the engine."""

    def status(self) -> Status:
        """Return the state of the appliance, its host and any operation."""
        ...

    def checks(self, settings: Settings) -> tuple[CheckLine, ...]:
        """Look at the machine and tell every check; nothing is changed."""
        ...

    def medium(self, path: str, trust: str | None) -> MediumSummary:
        """Verify the medium's signatures and describe its release."""
        ...

    def license(self, path: str) -> LicenseSummary:
        """Verify a license file for this host."""
        ...

    def license_request(self) -> LicenseRequestBody:
        """Make what this host asks for a license with, in every form."""
        ...

    def check_license_bytes(
        self, data: bytes, *, medium: str | None = None, trust: str | None = None
    ) -> LicenseSummary:
        """Verify what was carried in and tell what it would change."""
        ...

    def install_license_bytes(
        self, data: bytes, accept_loss: bool = False
    ) -> LicenseSummary:
        """Put what was carried in in force."""
        ...

    def extend_license(self, code: str) -> Mapping[str, JsonValue]:
        """Redeem an emergency code; return the status of the license."""
        ...

    def confirm_clock(self) -> Mapping[str, JsonValue]:
        """Confirm that date and time of this host are right."""
        ...

    def restored(self) -> Mapping[str, JsonValue]:
        """Note that this host was restored from a backup."""
        ...

    def drill(self, minutes: int) -> Mapping[str, JsonValue]:
        """Show the banners of grace for some minutes; 0 ends it."""
        ...

    def simulate(self, body: SimulateBody) -> SimulationBody:
        """Rehearse a date, a clock and swapped parts; nothing is changed."""
        ...

    def plan(self, settings: Settings) -> Plan:
        """List every step of the installation and what speaks against it."""
        ...

    def install(self, settings: Settings) -> Operation:
        """Start the installation, or carry on with an interrupted one."""
        ...

    def current_operation(self) -> Operation | None:
        """Return the running operation, else the last one, else None."""
        ...
