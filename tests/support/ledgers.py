"""Ledgers and reports for tests: hours of usage, written as the appliance writes them.

The random bytes come from a seed, so that two runs make the same ledger; another seed
makes the ledger of a clone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from offline_license.checkpoint import Mark, Stamp, genesis
from offline_license.keys import public_bytes
from offline_license.ledger import SLOT_BYTES, Writer
from offline_license.ledger_days import OpenDays, add_row, close_days
from offline_license.ledger_schema import RecordKind
from offline_license.report import Report, sign_report, verify_report
from offline_license.report_make import gather
from offline_license.report_payload import Level
from offline_license.tolerances import DAY_S, HOUR_S
from offline_license.usage import Mode, Outcome, UsageRow
from tests.support.licensing import test_key

if TYPE_CHECKING:
    from offline_license.ledger_fields import Scalar

MIDNIGHT = 1_800_057_600
"""2027-01-16 00:00 UTC."""
INSTALL_KEY = test_key("install")
INSTALL_PUBLIC = public_bytes(INSTALL_KEY)
OFFICER_KEY = test_key("officer")
LICENSE = bytes(range(16)), 3


def row(**changes: Any) -> UsageRow:  # noqa: ANN401 - changes go to replace
    """Return a row of usage: ten requests of the first hour."""
    plain = UsageRow(
        hour_s=MIDNIGHT,
        model=b"model-01",
        mode=Mode.BATCH,
        features=0,
        outcome=Outcome.SERVED,
        requests=10,
        audio_ms=60_000,
        chars=900,
        peak_streams=2,
    )
    return replace(plain, **changes)


@dataclass
class Ledger:
    """A ledger in memory that grows by batches."""

    seed: int = 1
    slots: bytes = b""
    mark: Mark = field(default_factory=lambda: genesis(INSTALL_PUBLIC))
    closed: int = 0
    open_days: OpenDays = field(default_factory=OpenDays)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    @classmethod
    def of_hours(cls, hours: int, *, seed: int = 1) -> Ledger:
        """Return a ledger of some hours with two rows each, and whole days."""
        ledger = cls(seed)
        ledger.note(RecordKind.START)
        for hour in range(hours):
            begin = MIDNIGHT + hour * HOUR_S
            ledger.hour(row(hour_s=begin), row(hour_s=begin, mode=Mode.LIVE))
        ledger.close_days()
        return ledger

    def hour(self, *rows: UsageRow) -> None:
        """Write the rows of an hour; a day is closed by the first row of another."""
        writer = self._writer()
        for one in rows:
            add_row(writer, one, self.random.randbytes(16))
        today = max((one.hour_s for one in rows), default=0) // DAY_S
        old = [one for one in self.open_days.rows if one.t // DAY_S != today]
        close_days(writer, old)
        self.closed += 1
        self._seal(writer)

    def close_days(self) -> None:
        """Write the days of all rows that none covers."""
        writer = self._writer()
        close_days(writer, self.open_days.rows)
        self._seal(writer)

    def note(self, kind: RecordKind, *body: Scalar) -> None:
        """Write an event."""
        writer = self._writer()
        writer.add(kind, MIDNIGHT, *body)
        self._seal(writer)

    def report(self, level: Level = Level.HOURLY, *, since: int = 0) -> bytes:
        """Return a signed report."""
        shown = gather(
            self.slots, INSTALL_PUBLIC, since=since, level=level, license_=LICENSE
        )
        return sign_report(shown, INSTALL_KEY)

    def verified(self, level: Level = Level.HOURLY, *, since: int = 0) -> Report:
        """Return a verified report."""
        return verify_report(self.report(level, since=since), INSTALL_PUBLIC)

    def with_flipped(self, index: int, *, at: int = 20) -> Ledger:
        """Return the ledger with one bit of one record changed."""
        changed = bytearray(self.slots)
        changed[index * SLOT_BYTES + at] ^= 1
        return replace(self, slots=bytes(changed))

    def copy(self, seed: int) -> Ledger:
        """Return what a clone of the machine has: the same past, another future."""
        other = replace(self, seed=seed, open_days=OpenDays())
        for one in self.open_days.rows:
            other.open_days.take(one)
        return other

    def _writer(self) -> Writer:
        return Writer(self.mark, 1)

    def _seal(self, writer: Writer) -> None:
        stamp = Stamp(MIDNIGHT + self.closed * HOUR_S, MIDNIGHT, 1, 0, self.closed)
        self.slots += writer.seal(stamp, INSTALL_KEY)
        self.mark = writer.mark
        for one in writer.records:
            self.open_days.take(one)
