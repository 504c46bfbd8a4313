"""The keeper of the license: reads the site, ticks the clock, decides, remembers.

It holds the mutable state of the program. A refused file, a full disk or a damaged
memory never changes what was decided before: no new information, no change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.license_proxy.grantor import Grantor
from appliance.license_proxy.key_loss import loss_of
from appliance.license_proxy.looking import known_of, memory_after
from appliance.license_proxy.news import is_news, log_news
from appliance.license_proxy.reader import SiteReader
from appliance.license_proxy.reporting import ledger_flags, newest_ack, report_due_s
from appliance.license_proxy.site import Accepted
from appliance.license_proxy.vault import Vault, moment
from appliance.license_proxy.view import View
from appliance.logs import event, logger_for, trouble
from offline_license.drill import Drill, overlay
from offline_license.errors import ExtensionCodeError
from offline_license.extension import find_index
from offline_license.ledger_schema import RecordKind
from offline_license.look import Look, look
from offline_license.model import UNLIMITED
from offline_license.standing import redeem

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.leases.wire import DemoOffer, LeaseAnswer, LeaseAsk
    from appliance.license_proxy.config import Config
    from appliance.license_proxy.memory import Memory
    from appliance.usage_wire import UsageBatch
    from offline_license.anchor import LicenseAnchor
    from offline_license.clock import Reading
    from offline_license.decide import Decision
    from offline_license.report_payload import Level
    from offline_license.states import Flag

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
        self._build_s = config.build_s
        self._read_clocks = read_clocks
        self._reader = SiteReader(config.site, anchor)
        first = self._reader.read(Accepted())
        reading = read_clocks()
        self._vault = Vault(config, first.install_key if first else None, reading)
        self._drill: Drill | None = None
        self._grantor = Grantor(
            epoch=self._vault.memory.epoch,
            random_bytes=random_bytes,
            boot_id=reading.boot_id,
            remembered=self._vault.memory.leases,
        )
        before = self._vault.accepted()
        self._site = self._reader.read(before) or self._reader.recall(before)
        self._vault.follow(self._site, reading)
        self._view = self._decide()
        log_news(None, self._view)
        self._save()

    def refresh(self) -> View:
        """Look at the site and the clocks again and decide.

        A fault that nobody foresaw is no new information: what was decided stays.
        """
        try:
            self._look()
        except Exception as error:  # noqa: BLE001 - fail open, and say so in the log
            trouble(_LOG, "look.failed", kind=type(error).__name__)
        return self._view

    def lease(self, ask: LeaseAsk) -> LeaseAnswer | DemoOffer:
        """Give a lease; where there is no license to lease from, the offer of a demo.

        Raises:
            LeaseVersionError: the asker understands another major version only.
        """
        view = self.refresh()
        answer = self._grantor.answer(
            ask,
            site=view.site,
            active=view.active,
            decision=view.decision,
            now_s=self.run_s(),
            capacity=view.entitlements.capacity if view.entitlements else None,
            due_s=view.due_s,
        )
        if self._grantor.urgent:
            self._save()
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
        if redeemed != standing:
            event(_LOG, "code.redeemed", license=terms.serial, index=index)
            named = terms.lid, terms.seq, index, view.time.at
            self._vault.diary.note(RecordKind.REDEEM, *named)
        return self._go_on(self._vault.memory.remember(redeemed))

    def confirm_clock(self, uid: int) -> View:
        """Believe the clocks at once: a person has looked at date and time.

        Args:
            uid: the person, as the host knows them.
        """
        event(_LOG, "clock.confirmed", uid=uid)
        self._vault.diary.note(RecordKind.CLOCK_CONFIRMED, uid)
        memory = self._vault.memory
        return self._go_on(replace(memory, clock=memory.clock.confirmed()))

    def restored(self, uid: int) -> View:
        """Note that a person restored a backup on purpose.

        Args:
            uid: the person, as the host knows them.
        """
        event(_LOG, "backup.restored", uid=uid)
        self._vault.diary.note(RecordKind.RESTORED, uid)
        return self._go_on(self._vault.memory)

    def drill(self, minutes: int) -> View:
        """Show the banners of grace for some minutes; 0 ends it.

        Raises:
            ValueError: less than none, or longer than an hour.
        """
        self._drill = Drill.begin(self._read_clocks(), minutes)
        event(_LOG, "drill.set", minutes=minutes)
        return self.refresh()

    def count(self, batch: UsageBatch) -> int:
        """Take a batch of usage into the ledger; return the number to acknowledge.

        Raises:
            KeyFileError: there is no install key, and so no ledger.
        """
        return self._vault.diary.count(batch)

    def report(self, level: Level, since: int) -> bytes:
        """Return a signed usage report.

        Raises:
            KeyFileError: there is no install key, and so no ledger.
            LedgerError: no report can begin at ``since``.
        """
        active = self.refresh().active
        terms = active.license if active else None
        return self._vault.diary.report(level, since, terms)

    def close(self) -> None:
        """Look once more and write down what is remembered, at a clean stop."""
        self.refresh()
        self._save()
        self._vault.diary.close()

    def run_s(self) -> int:
        """Return the run time of the host, in seconds."""
        return self._read_clocks().boot_s

    def _look(self) -> None:
        if self._reader.changed():
            self._read_again()
        before, self._view = self._view, self._decide()
        log_news(before, self._view)
        idle_s = self.run_s() - self._vault.written_s
        if is_news(before, self._view) or idle_s >= _SAVE_EVERY_S:
            self._save()

    def _read_again(self) -> None:
        """Take what the files say now; a license that came answers a request."""
        before = {one.digest for one in self._site.licenses}
        self._site = self._reader.read(self._vault.accepted()) or self._site
        self._vault.follow(self._site, self._read_clocks())
        if any(one.digest not in before for one in self._site.licenses):
            self._vault.memory = replace(self._vault.memory, rebuilt=False)

    def _go_on(self, memory: Memory) -> View:
        """Take a changed memory, look, and write it down at once."""
        self._vault.memory = memory
        view = self.refresh()
        self._save()
        return view

    def _decide(self) -> View:
        """Look once, remember, let the grantor count and the ledger follow."""
        reading, site = self._read_clocks(), self._site
        memory, past_under = self._vault.memory, self._vault.diary.past_under
        loss = loss_of(site, past_under, served_s=memory.key_lost_s)
        known = known_of(site, memory, loss, build_s=self._build_s)
        found = look(known, memory.remembered, reading)
        self._vault.memory = memory_after(memory, found, site, loss)
        capacity = found.entitlements.capacity if found.entitlements else UNLIMITED
        overage = self._grantor.observe(found.decision, capacity, reading.boot_s)
        decision = _raised(found.decision, overage)
        self._tell(found, decision, reading)
        ack = newest_ack(found.active, site.responses)
        ledger = self._vault.diary.status(ack)
        due_s = report_due_s(found.active, ledger, found.time.at)
        decision = _raised(decision, ledger_flags(ledger, ack, due_s))
        drill_s = self._drill.left_s(reading) if self._drill else 0
        return View(
            decision=overlay(decision, self._drill, reading),
            active=found.active,
            entitlements=found.entitlements,
            time=found.time,
            match=found.match,
            site=site,
            holders=self._grantor.holders(reading.boot_s),
            ledger=ledger,
            report_due_s=due_s,
            storage_ok=self._vault.storage_ok,
            drill_until=found.time.at + drill_s if drill_s else None,
        )

    def _tell(self, found: Look, decision: Decision, reading: Reading) -> None:
        """Let the ledger follow what was found."""
        diary, clock = self._vault.diary, found.remembered.clock
        diary.tick(moment(reading, clock, decision.flags))
        overruns = self._grantor.take_notes()
        diary.follow(self._site.licenses, found.active, decision, overruns)

    def _save(self) -> None:
        self._vault.save(self.run_s(), self._grantor.remembered())


def _raised(decision: Decision, flags: frozenset[Flag]) -> Decision:
    return replace(decision, flags=decision.flags | flags)
