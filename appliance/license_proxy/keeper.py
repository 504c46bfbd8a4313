"""The keeper of the license: reads the site, ticks the clock, decides, remembers.

It holds the mutable state of the program. A refused file, a full disk or a damaged
memory never changes what was decided before: no new information, no change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.license_proxy.grantor import Grantor
from appliance.license_proxy.memory import Memory, Store
from appliance.license_proxy.reader import SiteReader
from appliance.license_proxy.site import Accepted
from appliance.license_proxy.view import View
from appliance.logs import event, logger_for, trouble
from offline_license.clock import Clock
from offline_license.errors import ExtensionCodeError
from offline_license.extension import find_index
from offline_license.keys import private_key_pem
from offline_license.look import Known, Look, look
from offline_license.model import UNLIMITED
from offline_license.revocation import NOTHING_REVOKED
from offline_license.standing import redeem
from offline_license.states import Flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.leases.wire import DemoOffer, LeaseAnswer, LeaseAsk
    from appliance.license_proxy.config import Config
    from offline_license.anchor import LicenseAnchor
    from offline_license.clock import Reading
    from offline_license.keys import Ed25519PrivateKey

__all__ = ["Keeper", "View"]

_LOG = logger_for("license")
_SAVE_EVERY_S = 60


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
        self._read_clocks = read_clocks
        self._reader = SiteReader(config.site, anchor)
        first = self._reader.read(Accepted())
        self._key = first.install_key if first else None
        self._store = Store(config.state, _secret(self._key))
        self._memory = self._recall()
        self._grantor = Grantor(
            epoch=self._memory.epoch,
            random_bytes=random_bytes,
            boot_id=read_clocks().boot_id,
            remembered=self._memory.leases,
        )
        before = self._accepted()
        self._site = self._reader.read(before) or self._reader.recall(before)
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
        except Exception as error:  # noqa: BLE001 - fail open, and say so in the log
            trouble(_LOG, "look.failed", kind=type(error).__name__)
        return self._view

    def _look(self) -> None:
        if self._reader.changed():
            self._site = self._reader.read(self._accepted()) or self._site
        before, self._view = self._view, self._decide()
        _report(before, self._view)
        now_s = self.run_s()
        if _news(before, self._view) or now_s - self._saved_at_s >= _SAVE_EVERY_S:
            self._save(now_s)

    def lease(self, ask: LeaseAsk) -> LeaseAnswer | DemoOffer:
        """Give a lease; where there is no license to lease from, the offer of a demo.

        Raises:
            LeaseVersionError: the asker understands another major version only.
        """
        view = self.refresh()
        now_s = self.run_s()
        answer = self._grantor.answer(
            ask,
            site=view.site,
            active=view.active,
            decision=view.decision,
            now_s=now_s,
            capacity=view.entitlements.capacity if view.entitlements else None,
        )
        if self._grantor.urgent:
            self._save(now_s)
        return answer

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

    def confirm_clock(self) -> View:
        """Believe the clocks at once: a person has looked at date and time."""
        clock = self._memory.clock.confirmed()
        self._memory = replace(self._memory, clock=clock)
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
        """Look once, remember, and let the grantor count."""
        reading = self._read_clocks()
        found = look(self._known(), self._memory.remembered, reading)
        self._remember(found)
        capacity = found.entitlements.capacity if found.entitlements else UNLIMITED
        overage = self._grantor.observe(found.decision, capacity, reading.boot_s)
        flags = found.decision.flags | overage
        return View(
            decision=replace(found.decision, flags=flags),
            active=found.active,
            entitlements=found.entitlements,
            time=found.time,
            match=found.match,
            site=self._site,
            holders=self._grantor.holders(reading.boot_s),
            storage_ok=self._storage_ok,
        )

    def _known(self) -> Known:
        return Known(
            licenses=self._site.licenses,
            revocations=self._site.revocations or NOTHING_REVOKED,
            seen=self._site.fingerprint,
            build_s=self._config.build_s,
            floor_s=self._site.floor_s,
            noted=self._own_flags(),
        )

    def _remember(self, found: Look) -> None:
        self._memory = replace(
            self._memory.recall(found.remembered),
            licenses=tuple(one.data for one in self._site.licenses),
            keyset=self._site.keyset_bytes,
            revocations=self._site.revocations_bytes,
        )

    def _own_flags(self) -> frozenset[Flag]:
        keyset = self._site.keyset
        raised = {
            Flag.STATE_REBUILT: self._memory.rebuilt,
            Flag.KEYSET_STALE: self._site.wants_keyset
            or (keyset is not None and keyset.is_stale(self._memory.clock.proved_s)),
        }
        return frozenset(flag for flag, up in raised.items() if up)

    def _accepted(self) -> Accepted:
        memory = self._memory
        return Accepted(
            memory.keyset, memory.licenses, memory.revocations, install_key=self._key
        )

    def _save(self, now_s: int) -> None:
        """Write down; a disk that cannot be written is shown, never a reason to stop."""
        self._saved_at_s = now_s
        self._memory = replace(self._memory, leases=self._grantor.remembered())
        try:
            self._store.save(self._memory)
            self._storage_ok = True
        except OSError as error:
            self._storage_ok = False
            trouble(_LOG, "state.unwritten", errno=error.errno)


def _news(before: View, after: View) -> bool:
    """Tell whether something changed that must survive a power cut."""
    same = (
        before.decision.state is after.decision.state
        and before.active == after.active
        and before.site.keyset_bytes == after.site.keyset_bytes
    )
    return not same


def _report(before: View, after: View) -> None:
    """Log a change of the state; serials and codes only."""
    if before.decision.state is not after.decision.state:
        event(
            _LOG,
            "state.changed",
            before=before.decision.state.name.lower(),
            after=after.decision.state.name.lower(),
            license=after.active.license.serial if after.active else None,
        )
    for name, error in after.site.problems.items():
        if before.site.problems.get(name) is not error:
            trouble(_LOG, "file.refused", code=error.code, kind=_suffix(name))


def _suffix(name: str) -> str:
    """Name the kind of a file by its ending: whole names are chosen by people."""
    return name.rpartition(".")[2][:8]


def _secret(key: Ed25519PrivateKey | None) -> bytes:
    """Return what the MAC key is derived from: the private install key."""
    return b"" if key is None else private_key_pem(key)
