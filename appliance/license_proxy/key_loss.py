"""The install key is lost: what goes on until the vendor has answered a new request.

A license names the install key it is for. Where that key is gone, the last license
that its ledger knows to have been in force here serves with its full limits for 72 h
of run time, once; without such a license there is nothing to go on with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.license_proxy.rebuild import Past
    from appliance.license_proxy.site import Site
    from offline_license.license import VerifiedLicense

__all__ = ["Loss", "loss_of"]


@dataclass(frozen=True, slots=True)
class Loss:
    """A lost install key; both are None where none was lost.

    Attributes:
        bereft: the license that names it.
        stand_in: the same, as long as it serves; None once its time is over.
    """

    bereft: VerifiedLicense | None
    stand_in: VerifiedLicense | None


def _bereft(site: Site, past_under: Callable[[bytes], Past]) -> VerifiedLicense | None:
    """Return the license that was installed last under a key that is gone."""
    if any(one.license.parent is None for one in site.licenses):
        return None
    found: VerifiedLicense | None = None
    newest = -1
    for one in site.bereft:
        key = one.license.install_key
        if one.license.parent is None and key is not None:
            installed = past_under(key).installs.get(one.digest, -1)
            if installed > newest:
                found, newest = one, installed
    return found


def loss_of(site: Site, past_under: Callable[[bytes], Past], *, served_s: int) -> Loss:
    """Find out whether the install key was lost, and what serves meanwhile.

    Args:
        site: as judged.
        past_under: what the ledger under an install key says, by its public half.
        served_s: run time that was served so already.
    """
    found = _bereft(site, past_under)
    return Loss(found, None if served_s >= TOLERANCES.key_loss_s else found)
