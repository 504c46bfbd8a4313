"""What viewers ask anechoicd about licenses; nothing here is gated by a license."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from installer.connection import EngineConnection
from installer.protocol import (
    ExtensionBody,
    LicenseBytes,
    LicensePath,
    LicenseRequestBody,
    LicenseSummary,
    MinutesBody,
    OperatorBody,
    SimulateBody,
    SimulationBody,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["LicenseCalls"]

_Json: TypeAlias = "dict[str, Any]"


class LicenseCalls(EngineConnection):
    """Licenses, emergency codes, rehearsals and usage reports.

    ``data`` is whatever was carried in: a file, a paste, the text of a QR code, what
    a scanner typed, or an emergency code.
    """

    def license(self, path: str) -> LicenseSummary:
        """Verify a license file for this host; nothing is changed."""
        return self._ask(LicenseSummary, "POST", "/v1/license", LicensePath(path=path))

    def install_license(
        self, path: str, *, accept_loss: bool = False
    ) -> LicenseSummary:
        """Put the license of a file in force."""
        body = LicensePath(path=path, accept_loss=accept_loss)
        return self._ask(LicenseSummary, "POST", "/v1/license/install", body)

    def check_license_bytes(
        self, data: bytes, *, medium: str | None = None, trust: str | None = None
    ) -> LicenseSummary:
        """Verify what was carried in and tell what it would change."""
        body = LicenseBytes(data=data, medium=medium, trust=trust)
        return self._ask(LicenseSummary, "POST", "/v1/license/bytes", body)

    def install_license_bytes(
        self,
        data: bytes,
        accept_loss: bool = False,
        *,
        medium: str | None = None,
        trust: str | None = None,
    ) -> LicenseSummary:
        """Put what was carried in in force.

        Args:
            data: a license, a response, or an emergency code, in any form.
            accept_loss: take it also when it grants less than the one in force.
            medium: judge by the key set of this medium.
            trust: the anchor file of the vendor, when none is pinned.
        """
        body = LicenseBytes(
            data=data, accept_loss=accept_loss, medium=medium, trust=trust
        )
        return self._ask(LicenseSummary, "POST", "/v1/license/bytes/install", body)

    def license_request(self) -> LicenseRequestBody:
        """Make what this host asks for a license with, in every form."""
        return self._ask(LicenseRequestBody, "POST", "/v1/license/request")

    def extend_license(self, code: str) -> _Json:
        """Redeem an emergency code; return the status of the license."""
        return self._json("/v1/license/extension", ExtensionBody(code=code))

    def confirm_clock(self, uid: int = 0) -> _Json:
        """Confirm that date and time of this host are right."""
        return self._json("/v1/license/clock", OperatorBody(uid=uid))

    def restored(self, uid: int = 0) -> _Json:
        """Note in the ledger that this host was restored from a backup."""
        return self._json("/v1/license/restored", OperatorBody(uid=uid))

    def drill(self, minutes: int) -> _Json:
        """Show the banners of grace for some minutes; 0 ends it."""
        return self._json("/v1/license/drill", MinutesBody(minutes=minutes))

    def simulate(self, body: SimulateBody) -> SimulationBody:
        """Rehearse a date, a clock and swapped parts; nothing is changed."""
        return self._ask(SimulationBody, "POST", "/v1/license/simulation", body)

    def usage_report(
        self, level: Literal["hourly", "daily"] = "hourly", since: int = 0
    ) -> bytes:
        """Return the signed usage report from a record of the ledger on."""
        path = f"/v1/usage/report?level={level}&since={since}"
        return self._send("GET", path).content

    def _json(self, path: str, body: BaseModel) -> _Json:
        found: _Json = self._send("POST", path, body).json()
        return found
