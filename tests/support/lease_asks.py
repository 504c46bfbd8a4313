"""Questions for leases and the decisions behind the answers, for tests of the grantor."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.leases.demand import Demand, Demands
from appliance.leases.wire import DemoOffer, LeaseAnswer, LeaseAsk
from appliance.license_proxy.grantor import Grantor
from appliance.license_proxy.site import Site
from offline_license.chain import Chain, VerifiedChain, verify_chain
from offline_license.decide import Decision
from offline_license.lease import Grants, LeaseQuestion, verify_lease
from offline_license.model import UNLIMITED, Capacity, Post
from offline_license.states import State, service_of
from tests.support.license_site import Chance
from tests.support.licensing import Issuer

if TYPE_CHECKING:
    from offline_license.states import Flag

NONCE = bytes(16)
_STEP_S = 300


@dataclass
class Counter:
    """A grantor with its site; tests turn the run clock and change the state."""

    capacity: Capacity = UNLIMITED
    state: State = State.VALID
    post: Post = Post.TRICKLE
    issuer: Issuer = field(default_factory=Issuer)
    chance: Chance = field(default_factory=Chance)
    now_s: int = 1_000
    boot_id: str = "boot 1"
    epoch: int = 1
    due_s: int | None = None
    held: dict[str, bytes] = field(default_factory=dict)
    traced: dict[Chain, VerifiedChain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.verified = self.issuer.license()
        self.grantor = self.start(None)

    def start(self, remembered: bytes | None) -> Grantor:
        """Make the grantor of a new run."""
        return Grantor(
            epoch=self.epoch,
            random_bytes=self.chance,
            boot_id=self.boot_id,
            remembered=remembered,
        )

    def restart(self) -> None:
        """Restart the license container; the memory survives."""
        remembered = self.grantor.remembered()
        self.epoch += 1
        self.grantor = self.start(remembered)

    @property
    def decision(self) -> Decision:
        """What the state permits."""
        service = service_of(self.state, self.post)
        return Decision(self.state, None, frozenset(), service)

    def look(self, seconds: int = 0) -> frozenset[Flag]:
        """Let run time pass and have it counted."""
        self.now_s += seconds
        return self.grantor.observe(self.decision, self.capacity, self.now_s)

    def run(self, hours: float, *, streams: int = 0) -> Grants:
        """Let hours pass while ``api-1`` has so many sessions; return its last share."""
        demand = Demand(streams, streams)
        grants = self.ask(streams=demand)
        self.look()
        for _ in range(round(hours * 3_600 / _STEP_S)):
            self.look(_STEP_S)
            grants = self.ask(streams=demand)
        return grants

    def answer(self, ask: LeaseAsk) -> LeaseAnswer | DemoOffer:
        """Have a question answered."""
        unlicensed = self.state is State.UNLICENSED
        return self.grantor.answer(
            ask,
            site=Site(
                keyset=self.issuer.keyset(),
                keyset_bytes=self.issuer.keyset_bytes(),
                install_key=self.issuer.install_key,
            ),
            active=None if unlicensed else self.verified,
            decision=self.decision,
            now_s=self.now_s,
            capacity=self.capacity,
            due_s=self.due_s,
        )

    def ask(
        self,
        instance: str = "api-1",
        *,
        streams: Demand | None = None,
        jobs: Demand | None = None,
        role: str = "api",
        lost: bool = False,
    ) -> Grants:
        """Ask as a service does and return what the verified answer grants.

        Args:
            instance: who asks.
            streams, jobs: its demand.
            role: of the service.
            lost: whether the answer never arrives.
        """
        held = self.held.get(instance)
        demands = Demands(streams or Demand(), jobs or Demand())
        ask = LeaseAsk(instance, role, NONCE, demands=demands, held=held)
        answer = self.answer(ask)
        if isinstance(answer, DemoOffer):
            name = answer.id
            grants = Grants(0, answer.streams, "", answer.session_s)
        else:
            lease = verify_lease(
                answer.lease, self._trace(answer.chain), LeaseQuestion(instance, NONCE)
            )
            name, grants = lease.id, lease.grants
        if not lost:
            self.held[instance] = name
        return grants

    def _trace(self, chain: Chain) -> VerifiedChain:
        """Verify a chain once, as a service does."""
        if chain not in self.traced:
            self.traced[chain] = verify_chain(chain, self.issuer.anchor)
        return self.traced[chain]

    def forget(self, instance: str) -> None:
        """Restart a holder: it no longer knows its lease."""
        self.held.pop(instance, None)

    def limit(self, **limits: int) -> None:
        """Change the limits."""
        self.capacity = replace(self.capacity, **limits)
