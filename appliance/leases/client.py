"""The lease client of api and asr: ask, verify the whole chain, hold on.

Rules:

* the answer is traced to the root keys this image was built with; whoever answers in
  place of the license container is refused;
* freshness comes from a nonce and from this host's run time, counted from the moment
  of sending; the wall clock is never looked at;
* a lease is renewed at a third of its life, give or take a fifth, or sooner where a
  limit is shared or the state of the license is about to change; after a failure the
  pause doubles up to a minute; while work is refused it asks every few seconds, so
  that a new license takes effect at once;
* while nobody answers, the last lease carries new work for its ``hold``, a day;
* a service that never had an answer looks at the license itself and works by that for
  an hour; the first answer takes over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
import secrets
import time
from typing import TYPE_CHECKING, Final

import httpx

from appliance.leases.bootstrap import bootstrap
from appliance.leases.demand import Demands
from appliance.leases.holding import NOTHING, Alone, Held, Refused
from appliance.leases.wire import (
    NONCE_BYTES,
    LeaseAnswer,
    LeaseAsk,
    demo_offer,
    refusal_code,
)
from offline_license.chain import Chain, verify_chain
from offline_license.errors import LeaseVersionError
from offline_license.lease import LeaseQuestion, verify_lease

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.leases.bootstrap import PublicFolder
    from appliance.leases.permission import Permission
    from offline_license.anchor import LicenseAnchor
    from offline_license.chain import VerifiedChain

__all__ = ["LeaseClient", "boot_seconds"]

_LOG = logging.getLogger(__name__)
_VERSION_SKEW: Final = "ANX-LIC-19"
_FIRST_PAUSE_S = 1.0
_REFUSED_PAUSE_S = 3.0
_ALONE_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 60.0
_TIMEOUT_S = 5.0
_BAD_QUESTION = 400
_FORBIDDEN = 403
_OLDER = re.compile(r"update (?:the license container|the service) first")


def boot_seconds() -> float:
    """Return the run time of this host, counted through suspend, in seconds."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class LeaseClient:
    """Keeps one lease for one instance of a service."""

    def __init__(
        self,
        url: str,
        *,
        anchor: LicenseAnchor,
        instance: str,
        role: str,
        folder: PublicFolder | None = None,
        replicas: int = 1,
        build: str = "",
        http: httpx.AsyncClient | None = None,
        run_clock: Callable[[], float] = boot_seconds,
        wall_clock: Callable[[], float] = time.time,
        nonce: Callable[[], bytes] = lambda: secrets.token_bytes(NONCE_BYTES),
    ) -> None:
        """Keep the parts; nothing is asked before ``refresh``.

        Args:
            url: of the license container, such as ``http://license:6699``.
            anchor: the root keys this image was built with.
            instance: stable name of service and replica, without blanks.
            role: ``api`` or ``asr``.
            folder: the public part of the site's license folder; None is not mounted.
            replicas: of this role, this one included.
            build: version of the software, for people.
            http: a client to use; one is made, and closed, otherwise.
            run_clock: seconds that never go back.
            wall_clock: seconds UTC; looked at for a start on its own only.
            nonce: draws 16 random bytes.
        """
        self._url = url.rstrip("/")
        self._anchor = anchor
        self._instance = instance
        self._role = role
        self._folder = folder
        self._replicas = replicas
        self._build = build
        self._own = http is None
        self._http = http or httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)
        self._clock = run_clock
        self._wall_clock = wall_clock
        self._nonce = nonce
        self._demands: Callable[[], Demands] = Demands
        self._nudged = asyncio.Event()
        self._held: Held | None = None
        self._refused: Refused | None = None
        self._alone: Alone | None = None
        self._traced: tuple[Chain, VerifiedChain] | None = None
        self._failures = 0

    async def aclose(self) -> None:
        """Close the HTTP client, if it is our own."""
        if self._own:
            await self._http.aclose()

    def report(self, demands: Callable[[], Demands]) -> None:
        """Have every question say what this service uses and wants."""
        self._demands = demands

    def nudge(self) -> None:
        """Ask again soon, because a larger share is wanted; at most once a second."""
        self._nudged.set()

    async def refresh(self) -> Permission:
        """Ask once; an answer that fails changes nothing but the next pause.

        Nor does a fault that nobody foresaw: what is held goes on.
        """
        try:
            await self._ask()
        except Exception as error:  # noqa: BLE001 - fail open, and say so in the log
            self._failures += 1
            _LOG.warning("no new lease: %s", _reason(error))
            self._start_alone()
        else:
            self._failures = 0
        return self.permission()

    async def run(self) -> None:
        """Renew for as long as the task lives."""
        while True:
            await self.refresh()
            pause_s = self.pause_s()
            least_s = min(pause_s, _FIRST_PAUSE_S)
            await asyncio.sleep(least_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), pause_s - least_s)
            self._nudged.clear()

    def pause_s(self) -> float:
        """Return the seconds to the next refresh."""
        if self._failures:
            doubled = _FIRST_PAUSE_S * float(1 << min(self._failures - 1, 6))
            never = self._held is None and self._refused is None
            longest = _ALONE_PAUSE_S if never else _LONGEST_PAUSE_S
            return min(doubled, longest) * random.uniform(0.8, 1.0)  # noqa: S311 - no secret
        if self._held is None or not self.permission().allowed:
            return _REFUSED_PAUSE_S * random.uniform(0.8, 1.2)  # noqa: S311
        lease = self._held.lease
        if (renew_s := lease.grants.renew_s) is not None:  # At the latest.
            return max(_FIRST_PAUSE_S, renew_s * random.uniform(0.8, 1.0))  # noqa: S311
        return max(_FIRST_PAUSE_S, lease.ttl_s / 3 * random.uniform(0.8, 1.2))  # noqa: S311

    def permission(self) -> Permission:
        """Return what is permitted at this moment."""
        basis = self._refused or self._held or self._alone or NOTHING
        return basis.permission(self._clock())

    async def _ask(self) -> None:
        """Send one question and keep the verified answer."""
        ask = LeaseAsk(
            self._instance,
            self._role,
            self._nonce(),
            demands=self._demands(),
            held=self._held_id(),
            build=self._build,
        )
        asked_at = self._clock()
        response = await self._http.post(f"{self._url}/v1/leases", json=ask.to_json())
        if response.status_code == _FORBIDDEN:
            self._refuse(response, asked_at)
            return
        if response.status_code == _BAD_QUESTION:
            _check_version(response)
        response.raise_for_status()
        answer = LeaseAnswer.from_json(response.content)
        chain = self._trace(answer.chain)
        question = LeaseQuestion(ask.instance, ask.nonce)
        lease = verify_lease(answer.lease, chain, question)
        self._held = Held(lease, chain, asked_at)
        self._refused = None

    def _held_id(self) -> bytes | None:
        """Return the id of what this service acts by."""
        if self._refused is not None:
            return self._refused.offer.id if self._refused.offer else None
        return self._held.lease.id if self._held else None

    def _refuse(self, response: httpx.Response, asked_at: float) -> None:
        """Take note that there is no license to lease from.

        Such an answer is not signed: it can only deny, and only where no lease is
        held; a held lease outlives it as it outlives an outage.
        """
        code, offer = refusal_code(response.content), demo_offer(response.content)
        if self._held is None or self._held.over(asked_at):
            self._held = None
            self._refused = Refused(code, offer, asked_at)

    def _start_alone(self) -> None:
        """Look at the license ourselves, once, where nobody has ever answered."""
        known = self._held or self._refused or self._alone
        if known is not None or self._folder is None:
            return
        wall_s = max(0, int(self._wall_clock()))
        try:
            found = bootstrap(
                self._folder, self._anchor, wall_s=wall_s, replicas=self._replicas
            )
        except Exception as error:  # noqa: BLE001 - no new information
            _LOG.warning("no own look at the license: %s", type(error).__name__)
            return
        if found is not None:
            _LOG.warning("works by its own look at the license, for an hour at most")
            self._alone = Alone(found, self._clock())

    def _trace(self, chain: Chain) -> VerifiedChain:
        """Verify the chain; one that was verified before is known."""
        if self._traced is not None and self._traced[0] == chain:
            return self._traced[1]
        before = self._traced[1] if self._traced is not None else None
        verified = verify_chain(
            chain,
            self._anchor,
            site_key=self._folder.install_key() if self._folder else None,
            pinned_install_key=before.proxy.install_key if before else None,
            installed=before.keyset if before else None,
        )
        self._traced = (chain, verified)
        return verified


def _check_version(response: httpx.Response) -> None:
    """Tell a difference of generations from other mistakes.

    Raises:
        LeaseVersionError: the license container understands other leases; its words
            say which to update first.
    """
    if refusal_code(response.content) == _VERSION_SKEW:
        advice = _OLDER.search(response.text)
        what = advice[0] if advice else "update both"
        raise LeaseVersionError(f"expected a container of our generation: {what}")


def _reason(error: Exception) -> str:
    """Describe a failure without repeating what an answer contained."""
    code = getattr(error, "code", "")
    return f"{code} {error}" if code else type(error).__name__
