"""What is known at one moment, for status, metrics and leases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
        entitlements: what the license in force and its add-ons permit now; None
            without a license.
        storage_ok: whether the state could be written the last time.
    """

    decision: Decision
    active: VerifiedLicense | None
    entitlements: Entitlements | None
    time: EffectiveTime
    match: Match
    site: Site
    holders: tuple[Slot, ...]
    storage_ok: bool
