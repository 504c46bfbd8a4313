"""The seam between the screens and the engine.

The screens know only this protocol. `installer.client` fulfills it in the
product, an in-memory engine does in tests and pictures. Every call may block
and is therefore made off the interface thread; every refusal is an exception
that `Finding.from_error` understands.
"""

from typing import Protocol

from installer.protocol import (
    CheckLine,
    LicenseRequestBody,
    LicenseSummary,
    MediumSummary,
    Operation,
    Plan,
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
        """Make the file with which this host asks for a license."""
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
