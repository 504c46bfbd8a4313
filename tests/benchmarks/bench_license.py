"""Licensing: time as a multiple of a bare Ed25519 verification, sizes, lives of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from offline_license.armor import Label, armor
from offline_license.clock import effective_time
from offline_license.decide import decide
from offline_license.fingerprint import Enrolled
from offline_license.keys import public_bytes
from offline_license.lease import (
    Chain,
    Grants,
    Lease,
    LeaseQuestion,
    certify_proxy_key,
    issue_lease,
    verify_chain,
    verify_lease,
)
from offline_license.license import verify_license
from offline_license.model import Capacity
from offline_license.standing import Standing
from offline_license.states import State
from offline_license.tolerances import HOUR_S
from tests.benchmarks.harness import Figure, seconds_per_call
from tests.support.license_histories import (
    HighWaterMark,
    Ours,
    Wall,
    cheating,
    honest,
)
from tests.support.licensing import IAT, Issuer, test_key

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIVES = 1_000
_BUDGET_S = 48 * HOUR_S
_ENDLESS_S = 10**9
_PROXY = test_key("proxy")
_QUESTION = LeaseQuestion("asr-1", bytes(16))


def figures() -> Iterator[Figure]:
    """Measure verification, decision and lease, then the sizes of the objects."""
    issuer = Issuer()
    yield from _times(issuer)
    yield from _sizes(issuer)
    yield from _histories()


def _histories() -> Iterator[Figure]:
    """Live through seeded histories; an outage is an hour of wrong refusal."""
    designs = {"ours": Ours, "wall clock": Wall, "high-water mark": HighWaterMark}
    for name, design in designs.items():
        target = "<= 0" if design is Ours else ""
        wrong = sum(honest(n, design(), budget_s=_BUDGET_S) > 0 for n in range(_LIVES))
        yield Figure(f"wrong outages of {_LIVES}, {name}", wrong, "histories", target)
    beyond = sum(honest(n, Ours(), budget_s=_ENDLESS_S) > 0 for n in range(_LIVES))
    share = 100 * beyond / _LIVES
    yield Figure("wrong outages, endless faults", share, "% of lives", "<= 1")
    cheats = [cheating(n) for n in range(_LIVES // 2)]
    gained = max(cheat.extra_s - cheat.off_s for cheat in cheats) / HOUR_S
    yield Figure("most a cheat gained beyond downtime", gained, "hours", "<= 144")


def _times(issuer: Issuer) -> Iterator[Figure]:
    message, key = issuer.license_bytes(), test_key("bare")
    signature = key.sign(message)
    public = Ed25519PublicKey.from_public_bytes(public_bytes(key))
    bare = seconds_per_call(lambda: public.verify(signature, message))
    yield Figure("bare Ed25519 verification", bare * 1e6, "us")

    keyset, data = issuer.keyset(), _full(issuer)
    license_s = seconds_per_call(lambda: verify_license(data, keyset))
    yield Figure("verify one license", license_s / bare, "x bare")

    verified, at = verify_license(data, keyset), effective_time(wall=IAT, floor=IAT)
    standing = Standing(verified.license.lid, verified.license.seq, State.VALID)
    state_s = seconds_per_call(lambda: decide(verified, at=at, previous=standing))
    yield Figure("decide one state", state_s / bare, "x bare")

    lease_s = seconds_per_call(_lease_round(issuer))
    yield Figure("issue and verify one lease", lease_s / bare, "x bare", "<= 3.0")


class LeaseRound:
    """One lease given by the proxy and verified by a service that knows the chain."""

    def __init__(self, issuer: Issuer, chain: Chain) -> None:
        self._chain = verify_chain(chain, issuer.anchor)
        self._lease = Lease(
            id=bytes(8),
            lid=self._chain.license.license.lid,
            seq=1,
            state=State.VALID,
            flags=frozenset(),
            ttl_s=300,
            hold_s=86_400,
            nonce=_QUESTION.nonce,
            grants=Grants(jobs=None, streams=8),
            epoch=1,
            license_digest=self._chain.license.digest,
            instance=_QUESTION.instance,
        )

    @property
    def data(self) -> bytes:
        """A lease as it travels."""
        return issue_lease(self._lease, _PROXY)

    def __call__(self) -> None:
        verify_lease(self.data, self._chain, _QUESTION)


def _lease_round(issuer: Issuer) -> LeaseRound:
    certificate = certify_proxy_key(issuer.install_key, public_bytes(_PROXY), 1)
    chain = Chain(issuer.keyset_bytes(), issuer.license_bytes(), certificate)
    return LeaseRound(issuer, chain)


def _full(issuer: Issuer) -> bytes:
    return issuer.license_bytes(
        name="Example University Hospital Berlin",
        features=(1, 2, 3, 4, 5, 6),
        capacity=Capacity(64, 2, 10_000, 1),
        enrolled=Enrolled(issuer.host()),
        request=bytes(16),
    )


def _sizes(issuer: Issuer) -> Iterator[Figure]:
    yield Figure("size of a full license", len(_full(issuer)), "bytes", "<= 450")
    yield Figure(
        "size of its text form", len(armor(_full(issuer), Label.LICENSE)), "bytes"
    )
    yield Figure("size of a request", len(issuer.request_bytes()), "bytes")
    yield Figure("size of a key set", len(issuer.keyset_bytes()), "bytes")
    yield Figure("size of a lease", len(_lease_round(issuer).data), "bytes")
