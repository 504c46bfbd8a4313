"""The lease client of api and asr: ask, verify the whole chain, hold on.

Rules:

* the answer is traced to the root keys this image was built with; whoever answers in
  place of the license container is refused;
* freshness comes from a nonce and from this host's run time, counted from the moment
  of sending; the wall clock is never looked at;
* a lease is renewed at a third of its life, give or take a fifth; after a failure
  the pause doubles up to a minute; while work is refused it asks every few seconds, so
  that a new license takes effect at once;
* while nobody answers, the last lease carries new work for its ``hold``, a day.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

from appliance.leases.wire import NONCE_BYTES, LeaseAnswer, LeaseAsk, refusal_code
from offline_license.dates import iso, valid_through
from offline_license.errors import LicenseError
from offline_license.lease import Chain, LeaseQuestion, verify_chain, verify_lease
from offline_license.refusals import Refusal, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from offline_license.anchor import LicenseAnchor
    from offline_license.lease import Lease, VerifiedChain
    from offline_license.states import State

__all__ = ["LeaseClient", "Permission", "boot_seconds"]

_LOG = logging.getLogger(__name__)
_NEVER_ASKED: Final = "ANX-LIC-35"
_HOLD_OVER: Final = "ANX-LIC-36"
_FIRST_PAUSE_S = 1.0
_REFUSED_PAUSE_S = 3.0
_LONGEST_PAUSE_S = 60.0
_TIMEOUT_S = 5.0
_FORBIDDEN = 403
_UNAVAILABLE = 503


def boot_seconds() -> float:
    """Return the run time of this host, counted through suspend, in seconds."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Permission:
    """What this service may do now.

    Attributes:
        allowed: whether new transcriptions may begin.
        reason_code: ``ANX-LIC-nn`` where something is refused, else empty.
        state: of the license; None while nothing is known.
        max_jobs: transcriptions at the same time; None is without limit.
        max_streams: live sessions at the same time; None is without limit.
        http_status: for a refusal, 403 by the license, 503 for want of an answer;
            0 when allowed.
        detail: which license and which dates, for people.
    """

    allowed: bool
    reason_code: str = ""
    state: State | None = None
    max_jobs: int | None = None
    max_streams: int | None = None
    http_status: int = 0
    detail: str = ""

    @property
    def refusal(self) -> Refusal | None:
        """The words for the reason; None where nothing is refused."""
        return refusal(self.reason_code) if self.reason_code else None


@dataclass(frozen=True, slots=True)
class _Held:
    """A verified lease and the moment it was asked for, in run seconds."""

    lease: Lease
    chain: VerifiedChain
    asked_at: float


class LeaseClient:
    """Keeps one lease for one instance of a service."""

    def __init__(
        self,
        url: str,
        *,
        anchor: LicenseAnchor,
        instance: str,
        role: str,
        http: httpx.AsyncClient | None = None,
        run_clock: Callable[[], float] = boot_seconds,
        nonce: Callable[[], bytes] = lambda: secrets.token_bytes(NONCE_BYTES),
    ) -> None:
        """Keep the parts; nothing is asked before ``refresh``.

        Args:
            url: of the license container, such as ``http://license:6699``.
            anchor: the root keys this image was built with.
            instance: stable name of service and replica, without blanks.
            role: ``api`` or ``asr``.
            http: a client to use; one is made, and closed, otherwise.
            run_clock: seconds that never go back.
            nonce: draws 16 random bytes.
        """
        self._url = url.rstrip("/")
        self._anchor = anchor
        self._instance = instance
        self._role = role
        self._own = http is None
        self._http = http or httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)
        self._clock = run_clock
        self._nonce = nonce
        self._held: _Held | None = None
        self._refused: Permission | None = None
        self._traced: tuple[Chain, VerifiedChain] | None = None
        self._failures = 0

    async def aclose(self) -> None:
        """Close the HTTP client, if it is our own."""
        if self._own:
            await self._http.aclose()

    async def refresh(self) -> Permission:
        """Ask once; an answer that fails changes nothing but the next pause."""
        try:
            await self._ask()
        except (httpx.HTTPError, LicenseError) as error:
            self._failures += 1
            _LOG.warning("no new lease: %s", _reason(error))
        else:
            self._failures = 0
        return self.permission()

    async def run(self) -> None:
        """Renew for as long as the task lives."""
        while True:
            await self.refresh()
            await asyncio.sleep(self.pause_s())

    def pause_s(self) -> float:
        """Return the seconds to the next refresh."""
        if self._failures:
            doubled = _FIRST_PAUSE_S * float(1 << min(self._failures - 1, 6))
            return min(doubled, _LONGEST_PAUSE_S) * random.uniform(0.8, 1.0)  # noqa: S311 - no secret
        usual_s = _REFUSED_PAUSE_S
        if self._held is not None and self.permission().allowed:
            usual_s = max(_FIRST_PAUSE_S, self._held.lease.ttl_s / 3)
        return usual_s * random.uniform(0.8, 1.2)  # noqa: S311

    def permission(self) -> Permission:
        """Return what is permitted at this moment."""
        if self._refused is not None:
            return self._refused
        if self._held is None:
            return Permission(
                allowed=False, reason_code=_NEVER_ASKED, http_status=_UNAVAILABLE
            )
        age = self._clock() - self._held.asked_at
        if age >= self._held.lease.hold_s:
            return Permission(
                allowed=False,
                reason_code=_HOLD_OVER,
                state=self._held.lease.state,
                http_status=_UNAVAILABLE,
            )
        return _permission(self._held)

    async def _ask(self) -> None:
        """Send one question and keep the verified answer."""
        ask = LeaseAsk(self._instance, self._role, self._nonce())
        asked_at = self._clock()
        response = await self._http.post(f"{self._url}/v1/leases", json=ask.to_json())
        if response.status_code == _FORBIDDEN:
            self._refuse(response)
            return
        response.raise_for_status()
        answer = LeaseAnswer.from_json(response.content)
        chain = self._trace(answer.chain)
        question = LeaseQuestion(ask.instance, ask.nonce)
        lease = verify_lease(answer.lease, chain, question)
        self._held = _Held(lease, chain, asked_at)
        self._refused = None

    def _refuse(self, response: httpx.Response) -> None:
        """Take note that there is no license to lease from.

        Such an answer is not signed: it can only deny, and only where no lease is
        held; a held lease outlives it as it outlives an outage.
        """
        if self._held is None:
            self._refused = Permission(
                allowed=False,
                reason_code=refusal_code(response.content),
                http_status=_FORBIDDEN,
            )

    def _trace(self, chain: Chain) -> VerifiedChain:
        """Verify the chain; one that was verified before is known."""
        if self._traced is not None and self._traced[0] == chain:
            return self._traced[1]
        before = self._traced[1] if self._traced is not None else None
        verified = verify_chain(
            chain,
            self._anchor,
            pinned_install_key=before.proxy.install_key if before else None,
            installed=before.keyset if before else None,
        )
        self._traced = (chain, verified)
        return verified


def _permission(held: _Held) -> Permission:
    grants = held.lease.grants
    allowed = grants.jobs is None or grants.jobs > 0
    return Permission(
        allowed=allowed,
        reason_code=grants.code,
        state=held.lease.state,
        max_jobs=grants.jobs,
        max_streams=grants.streams,
        http_status=0 if allowed else _FORBIDDEN,
        detail=_detail(held.chain),
    )


def _detail(chain: VerifiedChain) -> str:
    license_ = chain.license.license
    return (
        f"License {license_.serial} is valid through "
        f"{valid_through(license_.exp).isoformat()}; full service continues to "
        f"{iso(license_.term)}."
    )


def _reason(error: Exception) -> str:
    """Describe a failure without repeating what an answer contained."""
    code = getattr(error, "code", "")
    return f"{code} {error}" if code else type(error).__name__
