"""Talk to anechoicd: the one client that all viewers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from installer.bundle_client import BundleCalls
from installer.connection import EngineRefusedError, raise_refusal, spawn_engine
from installer.errors import ENGINE_DIED, NO_OPERATION, InstallerError
from installer.license_client import LicenseCalls
from installer.protocol import (
    CheckLine,
    EngineVersion,
    FindingsBody,
    KeyCreated,
    KeyInfo,
    KeyRequest,
    KeysBody,
    MediumRequest,
    MediumSummary,
    Operation,
    OperationRequest,
    Plan,
    PreflightBody,
    SettingsBody,
    Status,
)
from installer.trust_client import TrustCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.findings import Finding
    from installer.settings import Settings

__all__ = ["EngineClient", "EngineRefusedError", "spawn_engine"]


class EngineClient(LicenseCalls, BundleCalls, TrustCalls):
    """A connection to anechoicd; every method blocks.

    Every method raises ``EngineRefusedError`` when the engine refuses, and
    ``InstallerError`` when there is no engine and none can be started.
    """

    def version(self) -> EngineVersion:
        """Say who answers on the socket."""
        return self._ask(EngineVersion, "GET", "/v1/version")

    def status(self) -> Status:
        """Return the state of the appliance, its host and any operation."""
        return self._ask(Status, "GET", "/v1/status")

    def preflight(self, settings: Settings) -> tuple[Finding, ...]:
        """Look at the machine; nothing is changed."""
        return self.examine(settings).findings

    def checks(self, settings: Settings) -> tuple[CheckLine, ...]:
        """Look at the machine and return every check, also those that passed."""
        return self.examine(settings).checks

    def examine(self, settings: Settings) -> PreflightBody:
        """Look at the machine and return every check, with all findings."""
        body = SettingsBody(settings=settings)
        return self._ask(PreflightBody, "POST", "/v1/preflight", body)

    def medium(self, path: str, trust: str | None) -> MediumSummary:
        """Verify the signatures of a medium and describe its release."""
        body = MediumRequest(path=path, trust=trust)
        return self._ask(MediumSummary, "POST", "/v1/medium", body)

    def plan(self, settings: Settings) -> Plan:
        """List every step of the installation and what speaks against it."""
        return self._ask(Plan, "POST", "/v1/plan", SettingsBody(settings=settings))

    def start(self, request: OperationRequest) -> Operation:
        """Start an operation, or carry on with an interrupted one."""
        return self._ask(Operation, "POST", "/v1/operations", request)

    def install(self, settings: Settings) -> Operation:
        """Start the installation, or carry on with an interrupted one."""
        return self.start(OperationRequest(kind="install", settings=settings))

    def cancel(self) -> Operation:
        """Ask the running operation to stop at the next safe point."""
        return self._ask(Operation, "DELETE", "/v1/operations/current")

    def current_operation(self) -> Operation | None:
        """Return the running operation, else the last one, else None."""
        try:
            return self._ask(Operation, "GET", "/v1/operations/current")
        except EngineRefusedError as error:
            if error.code == NO_OPERATION.code:
                return None
            raise

    def events(self, operation_id: str) -> Iterator[Operation]:
        """Yield a new picture after each change, until the operation has ended.

        Raises:
            InstallerError: the engine died while it was watched.
        """
        try:
            with self._client().stream(
                "GET", f"/v1/operations/{operation_id}/events", timeout=None
            ) as response:
                if response.is_error:
                    response.read()
                    raise_refusal(response)
                for line in response.iter_lines():
                    yield Operation.model_validate_json(line)
        except httpx.HTTPError as error:
            raise InstallerError(ENGINE_DIED, type(error).__name__) from error

    def keys(self) -> tuple[KeyInfo, ...]:
        """List the API keys, without their texts."""
        return self._ask(KeysBody, "GET", "/v1/keys").keys

    def create_key(self, name: str) -> KeyCreated:
        """Make an API key; the answer holds its text this once."""
        return self._ask(KeyCreated, "POST", "/v1/keys", KeyRequest(name=name))

    def delete_key(self, key_id: str) -> None:
        """Delete an API key."""
        self._send("DELETE", f"/v1/keys/{key_id}")

    def isolation(self) -> tuple[Finding, ...]:
        """Try every way out of every container."""
        return self._ask(FindingsBody, "POST", "/v1/isolation").findings
