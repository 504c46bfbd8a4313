"""Gives leases: signs them with a key of this run, certified by the install key.

What it counts is remembered in the memory of the license container: who holds which
share, how much of the overdraft and of the live hour without a license is used. So a
restart, of a holder or of the container itself, neither frees a share nor gives it
twice. Times are run time of the host.

Sessions and tasks are counted where they are accepted, at the gateways, which share
the limits. A worker only does what a gateway has accepted: its lease names the whole
bound.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.leases.demand import MOST
from appliance.leases.wire import DemoOffer, LeaseAnswer, LeaseAsk
from appliance.license_proxy.bounds import Bounds, bounds_of
from appliance.license_proxy.slots import Slots
from offline_license import cbor
from offline_license.demo import DemoAllowance
from offline_license.errors import LicenseError
from offline_license.fields import Fields, uint
from offline_license.keys import private_key_from_seed, public_bytes
from offline_license.lease import (
    Chain,
    Grants,
    Lease,
    agree,
    certify_proxy_key,
    issue_lease,
)
from offline_license.model import UNLIMITED
from offline_license.overdraft import Overdraft
from offline_license.states import Flag, Permit
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.license_proxy.site import Site
    from appliance.license_proxy.slots import Slot
    from offline_license.decide import Decision
    from offline_license.license import VerifiedLicense
    from offline_license.model import Capacity

__all__ = ["Grantor", "Overrun"]

_LOG = logging.getLogger(__name__)
_ID_BYTES = 8
_NAMES = {
    1: "schema",
    2: "boot",
    3: "slots",
    4: "overdraft",
    5: "demo",
    6: "last look",
}


@dataclass(frozen=True, slots=True)
class Overrun:
    """Usage above a limit, for the ledger: when it begins, and when it is over."""

    limit: int
    peak: int


class Grantor:
    """Gives leases for one run of the program.

    Attributes:
        epoch: names the run; it grows with every start.
        urgent: whether a share has grown since `remembered` was last called: it
            should be on disk before the answer leaves.
    """

    def __init__(
        self,
        *,
        epoch: int,
        random_bytes: Callable[[int], bytes],
        boot_id: str = "",
        remembered: bytes | None = None,
    ) -> None:
        """Take up what an earlier run remembered.

        Args:
            epoch: names this run.
            random_bytes: draws bytes; they make the proxy key and lease ids.
            boot_id: of the host; slots of another boot are void.
            remembered: what `remembered` returned; anything else counts as nothing.
        """
        self.epoch = epoch
        self.urgent = False
        self._random = random_bytes
        self._boot_id = boot_id
        self._key = private_key_from_seed(random_bytes(32))
        self._slots = Slots()
        self._overdraft = Overdraft()
        self._demo = DemoAllowance()
        self._looked_at_s: int | None = None
        self._notes: list[Overrun] = []
        if remembered is not None:
            self._recall(remembered)

    def holders(self, now_s: int) -> tuple[Slot, ...]:
        """Return who holds a lease."""
        return self._slots.holders(now_s)

    def observe(
        self, decision: Decision, capacity: Capacity, now_s: int
    ) -> frozenset[Flag]:
        """Count the time since the last look, and return the flags that follow.

        Time that nobody looked at, because the program was stopped, counts as an
        hour at most.
        """
        last_s = now_s if self._looked_at_s is None else self._looked_at_s
        elapsed_s = min(max(0, now_s - last_s), TOLERANCES.look_s)
        self._looked_at_s = now_s
        used, permit = self._slots.streams_used(now_s), decision.service.streams
        limit = capacity.streams if permit is Permit.LICENSED else None
        self._demo = self._demo.advance(elapsed_s, used * (permit is Permit.DEMO))
        before = self._overdraft
        self._overdraft = before.advance(elapsed_s, used=used, limit=limit)
        if before.touched is not self._overdraft.touched:
            peak = max(before.peak, self._overdraft.peak)
            self._notes.append(Overrun(capacity.streams or 0, peak))
        return frozenset({Flag.OVERAGE} if self._overdraft.touched else ())

    def take_notes(self) -> tuple[Overrun, ...]:
        """Return what the ledger should note since the last call."""
        notes, self._notes = tuple(self._notes), []
        return notes

    def answer(  # noqa: PLR0913 - each argument is one independent fact
        self,
        ask: LeaseAsk,
        *,
        site: Site,
        active: VerifiedLicense | None,
        decision: Decision,
        now_s: int,
        capacity: Capacity | None = None,
        due_s: int | None = None,
    ) -> LeaseAnswer | DemoOffer:
        """Give a lease; where there is nothing to lease from, the offer of a demo.

        Args:
            ask: the question.
            site: the files of the site.
            active: the license in force.
            decision: what it permits.
            now_s: run time of the host.
            capacity: the limits; those of the active license, unless told otherwise.
            due_s: seconds until the state changes by its dates; the holder asks again
                by then, so that the end of a license is not late by a third of a lease.

        Raises:
            LeaseVersionError: the asker understands another major version only.
        """
        _, minor = agree((ask.major, ask.minor))
        if capacity is None:
            capacity = UNLIMITED if active is None else active.license.capacity
        name = self._random(_ID_BYTES)
        bounds = bounds_of(decision.service, capacity, self._overdraft, self._demo)
        grants = self._grants(ask, bounds, name, now_s, decision.service.code)
        grants = replace(grants, renew_s=_sooner(grants.renew_s, due_s))
        if active is None or site.keyset_bytes is None or site.install_key is None:
            return DemoOffer(name, grants.streams or 0, grants.session_s or 0)
        lease = self._lease(ask, active, decision, grants, name)
        certificate = certify_proxy_key(
            site.install_key, public_bytes(self._key), self.epoch
        )
        chain = Chain(site.keyset_bytes, active.data, certificate)
        return LeaseAnswer(issue_lease(lease, self._key, minor=minor), chain)

    def remembered(self) -> bytes:
        """Return what to remember; it is no longer urgent then."""
        self.urgent = False
        overdraft, demo = self._overdraft, self._demo
        value: dict[int, object] = {
            1: 1,
            2: self._boot_id,
            3: self._slots.to_value(),
            4: [overdraft.spent_s, overdraft.within_s, overdraft.peak],
            5: [demo.day_s, demo.used_s],
        }
        if self._looked_at_s is not None:
            value[6] = self._looked_at_s
        return cbor.encode(value)

    def _grants(
        self, ask: LeaseAsk, bounds: Bounds, name: bytes, now_s: int, code: str
    ) -> Grants:
        """Take note of the holder and return its share."""
        slot = self._slots.hear(ask, now_s)
        streams, jobs = bounds.streams, bounds.jobs
        if slot is None:  # Beyond what can be remembered: nothing that is shared.
            streams, jobs = streams and 0, jobs and 0
        elif ask.role == "api":
            streams, jobs = self._slots.shares(slot, streams, jobs)
        if slot is not None:
            # Who held a lease without a bound on tasks may begin any number of them
            # until it has shown the bounded one: so one at a time is one from the start.
            most = MOST if jobs is None else jobs
            grown = self._slots.give(slot, name, streams or 0, most)
            self.urgent = self.urgent or grown
        renew_s = bounds.renew_s if ask.role == "api" else None
        return Grants(jobs, streams, code, bounds.session_s, renew_s)

    def _lease(
        self,
        ask: LeaseAsk,
        active: VerifiedLicense,
        decision: Decision,
        grants: Grants,
        name: bytes,
    ) -> Lease:
        return Lease(
            id=name,
            lid=active.license.lid,
            seq=active.license.seq,
            state=decision.state,
            flags=decision.flags,
            ttl_s=TOLERANCES.lease_ttl_s,
            hold_s=TOLERANCES.lease_hold_s,
            nonce=ask.nonce,
            grants=grants,
            epoch=self.epoch,
            license_digest=active.digest,
            instance=ask.instance,
        )

    def _recall(self, remembered: bytes) -> None:
        """Take up what was remembered; what cannot be read costs nothing but shares."""
        try:
            fields = Fields(remembered, _NAMES)
            fields.exactly(1, 1)
            overdraft = Overdraft(*fields.uints(4))
            demo = DemoAllowance(*fields.uints(5))
            slots = Slots.from_value(fields.raw(3))
            looked_at_s = fields.optional(6, lambda key: uint(fields.raw(key), "look"))
        except (LicenseError, TypeError) as error:
            _LOG.warning("the holders of leases are forgotten: %s", error)
            return
        self._overdraft, self._demo = overdraft, demo
        if fields.raw(2) == self._boot_id:
            self._slots, self._looked_at_s = slots, looked_at_s


def _sooner(renew_s: int | None, due_s: int | None) -> int | None:
    """Return when to ask again: as told, or when the state is due to change."""
    usual_s = TOLERANCES.lease_ttl_s // 3
    if due_s is None or not 0 < due_s < usual_s:
        return renew_s
    return min(due_s, renew_s or usual_s)
