"""The keeper of the license: reads the site, ticks the clock, decides, remembers.

It holds the mutable state of the program. A refused file, a full disk or a damaged
memory never changes what was decided before: no new information, no change.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.license_files import read_site, site_stamp
from appliance.license_proxy.grantor import Grantor
from appliance.license_proxy.memory import Memory, Store
from appliance.license_proxy.site import Accepted, Site, judge
from offline_license.clock import Clock, EffectiveTime, tick
from offline_license.decide import Decision, choose, decide, redeem
from offline_license.errors import ExtensionCodeError
from offline_license.extension import find_index
from offline_license.fingerprint import Match, match
from offline_license.keys import private_key_pem
from offline_license.states import Flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.leases.wire import LeaseAnswer, LeaseAsk
    from appliance.license_proxy.config import Config
    from appliance.license_proxy.slots import Slot
    from offline_license.anchor import LicenseAnchor
    from offline_license.clock import Reading
    from offline_license.license import VerifiedLicense

__all__ = ["Keeper", "View"]

_LOG = logging.getLogger(__name__)
_SAVE_EVERY_S = 60


@dataclass(frozen=True, slots=True)
class View:
    """What is known at one moment, for status and metrics.

    Attributes:
        storage_ok: whether the state could be written the last time.
    """

    decision: Decision
    active: VerifiedLicense | None
    time: EffectiveTime
    match: Match
    site: Site
    holders: tuple[Slot, ...]
    storage_ok: bool


class Keeper:
    """Keeps the license of one host."""

    def __init__(
        self,
        config: Config,
        anchor: LicenseAnchor,
        *,
        read_clocks: Callable[[], Reading],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """Recall what was remembered, read the site and decide once.

        Args:
            config: paths.
            anchor: the root keys.
            read_clocks: wall clock, run time and boot of the host.
            random_bytes: draws bytes; they make the proxy key and lease ids.
        """
        self._config = config
        self._anchor = anchor
        self._read_clocks = read_clocks
        self._stamp = site_stamp(config.site)
        files = read_site(config.site)
        self._store = Store(config.state, _secret(judge(files, anchor, Accepted())))
        self._memory = self._recall()
        self._grantor = Grantor(epoch=self._memory.epoch, random_bytes=random_bytes)
        self._site = judge(files, anchor, self._accepted())
        self._saved_at_s = 0
        self._storage_ok = True
        self._view = self._decide()
        self._save(self.run_s())

    def refresh(self) -> View:
        """Look at the site and the clocks again and decide.

        A fault that nobody foresaw is no new information: what was decided stays.
        """
        try:
            self._look()
        except Exception:  # noqa: BLE001 - fail open, and say so in the log
            _LOG.exception("a look at the license failed; the last decision stays")
        return self._view

    def _look(self) -> None:
        stamp = site_stamp(self._config.site)
        if stamp != self._stamp:
            files = read_site(self._config.site)
            self._site = judge(files, self._anchor, self._accepted())
            self._stamp = stamp
        before, self._view = self._view, self._decide()
        now_s = self.run_s()
        if _news(before, self._view) or now_s - self._saved_at_s >= _SAVE_EVERY_S:
            self._save(now_s)

    def lease(self, ask: LeaseAsk) -> LeaseAnswer | None:
        """Give a lease; None where there is no license to lease from.

        Raises:
            LeaseVersionError: the asker understands another major version only.
        """
        view = self.refresh()
        return self._grantor.answer(
            ask,
            site=view.site,
            active=view.active,
            decision=view.decision,
            now_s=self.run_s(),
        )

    def extend(self, code: str) -> View:
        """Redeem an emergency code; the same code again changes nothing.

        Raises:
            ExtensionCodeError: misheard, of another license, or none are provided.
        """
        view = self.refresh()
        standing = view.decision.standing
        if view.active is None or standing is None:
            raise ExtensionCodeError("expected a license to extend, found none")
        terms = view.active.license
        if terms.extension is None:
            raise ExtensionCodeError(f"license {terms.serial} has no extension codes")
        index = find_index(terms.extension, terms.lid, code)
        redeemed = redeem(standing, terms, index, t=view.time.at)
        self._memory = self._memory.remember(redeemed)
        view = self.refresh()
        self._save(self.run_s())
        return view

    def close(self) -> None:
        """Look once more and write down what is remembered, at a clean stop."""
        self.refresh()
        self._save(self.run_s())

    def run_s(self) -> int:
        """Return the run time of the host, in seconds."""
        return self._read_clocks().boot_s

    def _recall(self) -> Memory:
        """Return what an earlier run remembered, as the next run."""
        recall = self._store.load()
        memory = recall.memory or Memory(Clock(self._config.build_s))
        lost = recall.damaged and recall.memory is None
        return replace(memory, epoch=memory.epoch + 1, rebuilt=memory.rebuilt or lost)

    def _decide(self) -> View:
        """Tick, choose, decide, remember."""
        reading = self._read_clocks()
        ticked = tick(self._memory.clock, reading)
        clock = ticked.clock.raise_floor(self._floor())
        time = EffectiveTime(reading.wall_s, clock.proved_s)
        active = choose(self._site.licenses, time.at)
        found = match(
            active.license.enrolled if active else None, self._site.fingerprint
        )
        decision = decide(
            active,
            at=time,
            elapsed_s=ticked.elapsed_s,
            stable_s=clock.stable_s,
            binding=found.binding,
            previous=self._memory.standing_of(active.license if active else None),
        )
        self._remember(clock, decision)
        return View(
            decision=replace(decision, flags=decision.flags | self._own_flags()),
            active=active,
            time=time,
            match=found,
            site=self._site,
            holders=self._grantor.holders(reading.boot_s),
            storage_ok=self._storage_ok,
        )

    def _remember(self, clock: Clock, decision: Decision) -> None:
        accepted = self._site.accepted
        self._memory = replace(
            self._memory.remember(decision.standing),
            clock=clock,
            licenses=accepted.licenses,
            keyset=accepted.keyset,
        )

    def _floor(self) -> int:
        """Return the newest time that something signed proves."""
        signed = [one.license.iat for one in self._site.licenses]
        if self._site.keyset is not None:
            signed.append(self._site.keyset.manifest.iat)
        return max([self._config.build_s, *signed])

    def _own_flags(self) -> frozenset[Flag]:
        return frozenset({Flag.STATE_REBUILT} if self._memory.rebuilt else ())

    def _accepted(self) -> Accepted:
        return Accepted(self._memory.keyset, self._memory.licenses)

    def _save(self, now_s: int) -> None:
        """Write down; a disk that cannot be written is shown, never a reason to stop."""
        self._saved_at_s = now_s
        try:
            self._store.save(self._memory)
            self._storage_ok = True
        except OSError as error:
            self._storage_ok = False
            _LOG.warning("the state cannot be written: %s", error.strerror)


def _news(before: View, after: View) -> bool:
    """Tell whether something changed that must survive a power cut."""
    same = (
        before.decision.state is after.decision.state
        and before.active == after.active
        and before.site.keyset_bytes == after.site.keyset_bytes
    )
    return not same


def _secret(site: Site) -> bytes:
    """Return what the MAC key is derived from: the private install key."""
    return b"" if site.install_key is None else private_key_pem(site.install_key)
