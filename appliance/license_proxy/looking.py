"""What goes into one look of the keeper, and what is remembered of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from offline_license.look import Known, Look
from offline_license.revocation import NOTHING_REVOKED
from offline_license.states import Flag
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from appliance.license_proxy.key_loss import Loss
    from appliance.license_proxy.memory import Memory
    from appliance.license_proxy.site import Site

__all__ = ["known_of", "memory_after"]


def known_of(site: Site, memory: Memory, loss: Loss, *, build_s: int) -> Known:
    """Return what a look knows beside the clocks.

    Args:
        site: as judged.
        memory: what is remembered.
        loss: of the install key.
        build_s: when the software was built, seconds UTC.
    """
    keyset, proved_s = site.keyset, memory.clock.proved_s
    noted = {
        Flag.STATE_REBUILT: memory.rebuilt,
        Flag.KEY_LOST: loss.bereft is not None,
        Flag.KEYSET_STALE: site.wants_keyset
        or (keyset is not None and keyset.is_stale(proved_s)),
    }
    lost = (loss.stand_in,) if loss.stand_in else ()
    return Known(
        licenses=(*site.licenses, *lost),
        revocations=site.revocations or NOTHING_REVOKED,
        seen=site.fingerprint,
        build_s=build_s,
        floor_s=site.floor_s,
        noted=frozenset(flag for flag, up in noted.items() if up),
    )


def memory_after(memory: Memory, found: Look, site: Site, loss: Loss) -> Memory:
    """Return what is remembered after a look.

    Args:
        memory: of the look before.
        found: what the look found.
        site: as judged.
        loss: of the install key.
    """
    served_s = min(found.elapsed_s, TOLERANCES.look_s) if loss.stand_in else 0
    return replace(
        memory.recall(found.remembered),
        licenses=tuple(one.data for one in site.licenses),
        keyset=site.keyset_bytes,
        revocations=site.revocations_bytes,
        key_lost_s=memory.key_lost_s + served_s if loss.bereft else 0,
    )
