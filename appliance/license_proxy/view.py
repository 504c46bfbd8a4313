"""What is known at one moment, for status, metrics and leases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.license_proxy.book_status import LedgerStatus
    from appliance.license_proxy.site import Site
    from appliance.license_proxy.slots import Slot
    from offline_license.addons import Entitlements
    from offline_license.clock import EffectiveTime
    from offline_license.decide import Decision
    from offline_license.fingerprint import Match
    from offline_license.license import VerifiedLicense

__all__ = ["View"]


@dataclass(frozen=True, slots=True)
class View:
    """What is known at one moment.

    Attributes:
        decision: what is permitted, with every flag; a drill shows another state.
        active: the license in force.
        entitlements: what it and its add-ons permit now; None without a license.
        ledger: None where there is no install key to sign it with.
        report_due_s: until a usage report is asked for, negative afterwards; None
            where none is.
        storage_ok: whether the state could be written the last time.
        drill_until: when a drill ends, seconds UTC by effective time; None without.
    """

    decision: Decision
    active: VerifiedLicense | None
    entitlements: Entitlements | None
    time: EffectiveTime
    match: Match
    site: Site
    holders: tuple[Slot, ...]
    ledger: LedgerStatus | None
    report_due_s: int | None
    storage_ok: bool
    drill_until: int | None = None

    @property
    def due_s(self) -> int | None:
        """Seconds until the state changes by its dates; None when it does not."""
        until = self.decision.until
        return None if until is None else until - self.time.at
