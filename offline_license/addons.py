"""What the active license and its add-ons give together.

Limits are summed and features united. An add-on counts from its own ``nbf`` to its own
``term``; when it ends, only what it added goes. Its end is held back like every other
downgrade: for a day after the clock jumped, what the proved time still holds counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_license.choice import lineages
from offline_license.revocation import NOTHING_REVOKED
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offline_license.clock import EffectiveTime
    from offline_license.license import VerifiedLicense
    from offline_license.model import Capacity, License
    from offline_license.revocation import Revocations

__all__ = ["Entitlements", "entitlements"]


@dataclass(frozen=True, slots=True)
class Entitlements:
    """Limits and features in force, and the add-ons they come from."""

    capacity: Capacity
    features: tuple[int, ...]
    add_ons: tuple[VerifiedLicense, ...] = ()


def entitlements(
    licenses: Iterable[VerifiedLicense],
    active: License,
    *,
    at: EffectiveTime,
    stable_s: int = TOLERANCES.stable_s,
    revocations: Revocations = NOTHING_REVOKED,
) -> Entitlements:
    """Return what a license and its add-ons give.

    Args:
        licenses: genuine ones for this installation.
        active: the license in force.
        at: the wall clock and the proved time.
        stable_s: run time since the clock last jumped.
        revocations: the list in force.
    """
    its_own = [one for one in licenses if one.license.parent == active.lid]
    steady = stable_s >= TOLERANCES.stable_s
    holding = {
        lid: one
        for t in ([at.at] if steady else [at.proved_s, at.at])
        for lid, one in lineages(its_own, t).items()
        if _holds(one.license, t, revocations)
    }
    add_ons = tuple(holding[lid] for lid in sorted(holding))
    parts = [active, *(one.license for one in add_ons)]
    return Entitlements(
        capacity=_sum([part.capacity for part in parts]),
        features=tuple(sorted({code for part in parts for code in part.features})),
        add_ons=add_ons,
    )


def _holds(license_: License, t: int, revocations: Revocations) -> bool:
    inside = license_.nbf <= t < license_.term
    return inside and not revocations.revokes(license_, t)


def _sum(capacities: list[Capacity]) -> Capacity:
    """Sum the limits; the overdraft is that of the license itself."""
    whole, *more = capacities
    return replace(
        whole,
        streams=_total(whole.streams, [one.streams for one in more]),
        gpus=_total(whole.gpus, [one.gpus for one in more]),
        audio_hours=_total(whole.audio_hours, [one.audio_hours for one in more]),
        hosts=_total(whole.hosts, [one.hosts for one in more]),
    )


def _total(limit: int | None, added: list[int | None]) -> int | None:
    """Add to a limit; what is without limit stays so, and nothing adds nothing."""
    return None if limit is None else limit + sum(one or 0 for one in added)
