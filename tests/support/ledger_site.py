"""A site that works day after day and reports, on the real ledger."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.license_proxy.book import Book, Moment, open_book
from appliance.usage_wire import UsageBatch
from offline_license.ledger_schema import RecordKind
from offline_license.report_payload import Level
from offline_license.tolerances import DAY_S
from offline_license.usage import Mode, Outcome, UsageRow
from tests.support.licensing import IAT

if TYPE_CHECKING:
    from pathlib import Path

    from offline_license.keys import Ed25519PrivateKey

__all__ = ["LedgerSite"]


@dataclass
class LedgerSite:
    """One installation's ledger.

    Attributes:
        directory: of the ledger.
        key: its install key.
        now: seconds UTC; each day of work moves it on.
        book: the open ledger.
    """

    directory: Path
    key: Ed25519PrivateKey
    now: int = IAT
    book: Book = field(init=False)
    _number: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Open the ledger as it is on the disk."""
        self.book = open_book(self.directory, self.key, self._moment())

    def work(self, days: int = 1, *, requests: int = 10) -> None:
        """Serve requests of one minute each, every day."""
        for _ in range(days):
            self._number += 1
            row = UsageRow(
                hour_s=self.now,
                model=b"whisper1",
                mode=Mode.BATCH,
                features=0,
                outcome=Outcome.SERVED,
                requests=requests,
                audio_ms=requests * 60_000,
                chars=requests * 900,
                peak_streams=2,
            )
            batch = UsageBatch("api-1", bytes(8), self._number, (row,))
            self.book.add(batch)
            self.now += DAY_S
            self.book.tick(self._moment())

    def report(self, *, since: int = 0, license_: tuple[bytes, int]) -> bytes:
        """Export a report."""
        return self.book.report(Level.DAILY, since=since, license_=license_)

    def say_restored(self) -> None:
        """Tell that a backup was restored, as the wizard does."""
        self.book.note(RecordKind.RESTORED, 0)

    def clone(self, directory: Path) -> LedgerSite:
        """Copy the machine: the same key and the same ledger go two ways."""
        shutil.copytree(self.directory, directory)
        twin = LedgerSite(directory, self.key, self.now)
        twin._number = self._number
        return twin

    def _moment(self) -> Moment:
        return Moment(self.now, self.now, self.now, self.now - IAT, "boot")
