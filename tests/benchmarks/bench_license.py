"""Licensing: times as multiples of a bare Ed25519 verification, sizes, lives of sites.

LIVES=4000 in the environment lives through more histories of sites.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from offline_license.armor import Label, armor
from offline_license.clock import Clock, Reading, effective_time
from offline_license.decide import decide
from offline_license.fingerprint import Enrolled
from offline_license.frames import split
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
from offline_license.look import Known, Remembered, look
from offline_license.mini import mini_request
from offline_license.model import Capacity, ExtensionAnchor, Kind, LedgerAck
from offline_license.response import Response, sign_response
from offline_license.revocation import Revocation, Revocations, sign_revocations
from offline_license.standing import Standing
from offline_license.states import Flag, State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.benchmarks.harness import Figure, seconds_per_call
from tests.benchmarks.ledger_figures import ledger_figures
from tests.support.license_histories import (
    DESIGNS,
    cheating,
    live,
    returned,
    uncorrected,
)
from tests.support.licensing import IAT, Issuer, test_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_T = TypeVar("_T")
_LIVES: Final = int(os.environ.get("LIVES", "1000"))
_BUDGET_S = 48 * HOUR_S
_ENDLESS_S = 10**9
_PROXY = test_key("proxy")
_QUESTION = LeaseQuestion("asr-1", bytes(16))


def figures() -> Iterator[Figure]:
    """Measure times and sizes, then live through histories of sites."""
    issuer = Issuer()
    yield from _times(issuer)
    yield from _sizes(issuer)
    yield from ledger_figures()
    yield from _histories()


def _times(issuer: Issuer) -> Iterator[Figure]:
    message, key = issuer.license_bytes(), test_key("bare")
    signature = key.sign(message)
    public = Ed25519PublicKey.from_public_bytes(public_bytes(key))
    bare = seconds_per_call(lambda: public.verify(signature, message))
    yield Figure("bare Ed25519 verification", bare * 1e6, "us")

    keyset, data = issuer.keyset(), full_license(issuer)
    license_s = seconds_per_call(lambda: verify_license(data, keyset))
    yield Figure("verify one license", license_s / bare, "x bare")

    verified, at = verify_license(data, keyset), effective_time(wall=IAT, floor=IAT)
    standing = Standing(verified.license.lid, verified.license.seq, State.VALID)
    state_s = seconds_per_call(lambda: decide(verified, at=at, previous=standing))
    yield Figure("decide one state", state_s / bare, "x bare")

    known = Known((verified,), seen=issuer.host())
    reading = Reading(IAT, 1_000, "boot")
    remembered = look(known, Remembered(Clock(IAT)), reading).remembered
    look_s = seconds_per_call(lambda: look(known, remembered, reading))
    yield Figure("one look: clock, choice, host, state", look_s / bare, "x bare")

    lease = LeaseRound(issuer)
    issue_s = seconds_per_call(lambda: lease.data)
    yield Figure("issue one lease", issue_s / bare, "x bare")
    lease_s = seconds_per_call(lease)
    yield Figure("issue and verify one lease", lease_s / bare, "x bare", "<= 3.0")


class LeaseRound:
    """One lease given by the proxy and verified by a service that knows the chain."""

    def __init__(self, issuer: Issuer) -> None:
        certificate = certify_proxy_key(issuer.install_key, public_bytes(_PROXY), 1)
        chain = Chain(issuer.keyset_bytes(), issuer.license_bytes(), certificate)
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


def full_license(issuer: Issuer) -> bytes:
    """Return a license with every usual field: six features, limits, host, codes."""
    return issuer.license_bytes(
        name="Example University Hospital Berlin",
        features=(1, 2, 3, 4, 5, 6),
        capacity=Capacity(64, 2, 10_000, 1, 25),
        enrolled=Enrolled(issuer.host()),
        request=bytes(16),
        ack=LedgerAck(123_456, bytes(16)),
        extension=ExtensionAnchor(4, 14, bytes(13)),
    )


def _sizes(issuer: Issuer) -> Iterator[Figure]:
    license_, lease = full_license(issuer), LeaseRound(issuer).data
    asked = issuer.request(
        lid=issuer.terms().lid,
        seq=3,
        ledger=(123_456, bytes(16)),
        usage=((1, 10_000), (2, 9_990), (3, 36_000_000), (4, 500_000)),
        flags=(Flag.BIND_DRIFT, Flag.REPORT_DUE),
    )
    request = issuer.request_bytes(
        lid=asked.lid,
        seq=3,
        ledger=asked.ledger,
        usage=asked.usage,
        flags=asked.flags,
    )
    mini = mini_request(asked, issuer.install_key)
    revocations = _revocations(issuer)
    keyset = issuer.keyset_bytes()
    evaluation = issuer.license_bytes(install_key=None, kind=Kind.EVALUATION)
    sizes: dict[str, tuple[int, str]] = {
        "a full license": (len(license_), "<= 450"),
        "its text form": (len(armor(license_, Label.LICENSE)), ""),
        "an unbound evaluation license": (len(evaluation), "<= 200"),
        "a full request": (len(request), ""),
        "a mini request": (len(mini), "<= 130"),
        "a response with license alone": (len(_response(issuer, license_)), ""),
        "a response with all there is": (
            len(_response(issuer, license_, keyset, revocations)),
            "",
        ),
        "a key set of four keys": (len(keyset), ""),
        "a revocation list of one": (len(revocations), ""),
        "a lease": (len(lease), ""),
        "a proxy key certificate": (
            len(certify_proxy_key(issuer.install_key, public_bytes(_PROXY), 1)),
            "",
        ),
    }
    for name, (size, target) in sizes.items():
        yield Figure(f"size of {name}", size, "bytes", target)
    frames = {"mini": (mini, "<= 1"), "full": (request, "<= 3")}
    for name, (data, target) in frames.items():
        shown = len(split(data))
        yield Figure(f"QR frames of a {name} request", shown, "on 80x24", target)


def _response(
    issuer: Issuer,
    license_: bytes,
    keyset: bytes | None = None,
    revocations: bytes | None = None,
) -> bytes:
    response = Response(issuer.now, license_, keyset, revocations, None)
    return sign_response(response, issuer.issuing_key(issuer.uses[0]))


def _revocations(issuer: Issuer) -> bytes:
    entry = Revocation(
        lid=issuer.terms().lid,
        max_seq=2,
        effective_at=issuer.now + 20 * DAY_S,
        reason=1,
        announced_at=issuer.now,
    )
    listed = Revocations(1, issuer.now, (entry,))
    return sign_revocations(listed, issuer.issuing_key(issuer.uses[3]))


def _histories() -> Iterator[Figure]:
    """Live through seeded histories; an outage is an hour of wrong refusal."""
    inside = _many(partial(live, budget_s=_BUDGET_S), _LIVES)
    for number, design in enumerate(DESIGNS):
        wrong = [life for life in inside if life.refused_h[number]]
        hours = sum(life.refused_h[number] for life in inside)
        target = "" if number else "<= 0"
        name = f"wrong outages of {_LIVES} lives, {design}"
        yield Figure(name, len(wrong), "lives", target)
        yield Figure(f"hours of them, {design}", hours, "h")
    faults = sum(life.faults for life in inside) / _LIVES
    yield Figure("faults of the clock in a life", faults, "on average")
    beyond = _many(partial(live, budget_s=_ENDLESS_S), _LIVES)
    wrong = [life for life in beyond if life.refused_h[0]]
    share = 100 * len(wrong) / _LIVES
    yield Figure("wrong outages, faults without end", share, "% of lives", "<= 1")
    longest = max((life.refused_h[0] for life in wrong), default=0)
    yield Figure("the longest of them", longest, "h in a life")
    yield from _edges()


def _edges() -> Iterator[Figure]:
    """Look at the ends of licenses: shelves, clocks left wrong, cheats."""
    for number, design in enumerate(DESIGNS):
        back = min(served[number] for served in _many(returned, _LIVES // 5))
        yield Figure(f"time to renew after a shelf, {design}", back, "h at least")
    for design, hours in zip(DESIGNS, uncorrected(), strict=True):
        yield Figure(f"service under a clock of 2099, {design}", hours, "h")
    cheats = _many(cheating, _LIVES // 2)
    for number, design in enumerate(DESIGNS):
        gained = max(cheat.extra_s[number] - cheat.off_s for cheat in cheats) / HOUR_S
        target = "" if number else "<= 144"
        yield Figure(f"most a cheat gained in 40 days, {design}", gained, "h", target)


def _many(one: Callable[[int], _T], count: int) -> list[_T]:
    """Live through histories on two cores."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(pool.map(one, range(count), chunksize=max(1, count // 20)))
