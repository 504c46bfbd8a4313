"""Gives leases: signs them with a key of this run, certified by the install key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.leases.wire import LeaseAnswer, LeaseAsk
from appliance.license_proxy.slots import Slots, grants_of
from offline_license.errors import LeaseVersionError
from offline_license.keys import private_key_from_seed, public_bytes
from offline_license.lease import (
    LEASE_MAJOR,
    Chain,
    Lease,
    certify_proxy_key,
    issue_lease,
)
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.license_proxy.site import Site
    from appliance.license_proxy.slots import Slot
    from offline_license.decide import Decision
    from offline_license.license import VerifiedLicense

__all__ = ["Grantor"]


class Grantor:
    """Gives leases for one run of the program.

    Attributes:
        epoch: names the run; it grows with every start.
    """

    def __init__(self, *, epoch: int, random_bytes: Callable[[int], bytes]) -> None:
        self.epoch = epoch
        self._random = random_bytes
        self._key = private_key_from_seed(random_bytes(32))
        self._slots = Slots()

    def holders(self, now_s: int) -> tuple[Slot, ...]:
        """Return who holds a lease; ``now_s`` is run time of the host."""
        return self._slots.holders(now_s)

    def answer(
        self,
        ask: LeaseAsk,
        *,
        site: Site,
        active: VerifiedLicense | None,
        decision: Decision,
        now_s: int,
    ) -> LeaseAnswer | None:
        """Give a lease; None where there is no license to lease from.

        Raises:
            LeaseVersionError: the asker understands another major version only.
        """
        if ask.major != LEASE_MAJOR:
            raise LeaseVersionError(
                f"expected a question of version {LEASE_MAJOR}, found {ask.major}: "
                f"update the service {ask.instance}"
            )
        if active is None or site.keyset_bytes is None or site.install_key is None:
            return None
        position = self._slots.take(ask.instance, ask.role, now_s)
        lease = self._lease(ask, active, decision, position)
        certificate = certify_proxy_key(
            site.install_key, public_bytes(self._key), self.epoch
        )
        chain = Chain(site.keyset_bytes, active.data, certificate)
        return LeaseAnswer(issue_lease(lease, self._key), chain)

    def _lease(
        self,
        ask: LeaseAsk,
        active: VerifiedLicense,
        decision: Decision,
        position: int,
    ) -> Lease:
        license_ = active.license
        return Lease(
            id=self._random(8),
            lid=license_.lid,
            seq=license_.seq,
            state=decision.state,
            flags=decision.flags,
            ttl_s=TOLERANCES.lease_ttl_s,
            hold_s=TOLERANCES.lease_hold_s,
            nonce=ask.nonce,
            grants=grants_of(decision.service, license_.capacity, position),
            epoch=self.epoch,
            license_digest=active.digest,
            instance=ask.instance,
        )
