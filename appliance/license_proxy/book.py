"""The usage ledger of one host: it counts, writes down, and never stops speech.

What is counted stands in the open hour, which is saved before a batch is acknowledged.
When an hour ends its rows are written into the ledger, and when a day ends the day is.
Hours are numbered, so that a power cut between the two writes counts nothing twice.

A disk that is full or broken changes nothing for the callers: counting goes on in
memory, and the ledger says later for how long. What is damaged stays where it is and is
named in the ledger.
"""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import TYPE_CHECKING

from appliance.license_proxy.book_files import (
    BookFiles,
    Files,
    NoFiles,
)
from appliance.license_proxy.book_recovery import join, notes_on
from appliance.license_proxy.book_status import LedgerStatus, ledger_status
from appliance.license_proxy.moment import Moment
from appliance.license_proxy.open_hour import (
    OpenHour,
    decode_open_hour,
    encode_open_hour,
)
from offline_license.errors import LedgerError, LicenseError
from offline_license.keys import public_bytes
from offline_license.ledger import Writer
from offline_license.ledger_days import add_row, close_days
from offline_license.ledger_history import Seen, read_history
from offline_license.ledger_schema import (
    SALT_BYTES,
    Record,
    RecordKind,
    encode_record,
)
from offline_license.report import sign_report
from offline_license.report_make import gather
from offline_license.tolerances import DAY_S, HOUR_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from appliance.usage_wire import UsageBatch
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.ledger_fields import Scalar
    from offline_license.report_payload import Level

__all__ = ["Book", "Moment", "open_book"]

_LOG = logging.getLogger(__name__)
_MOST_OPEN_ROWS = 1_024


def open_book(
    directory: Path,
    install_key: Ed25519PrivateKey,
    now: Moment,
    *,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> Book:
    """Open the ledger of an install key in a folder of its own, or begin one.

    Where the disk cannot be read it is left alone, and counting goes on in memory.
    """
    book = partial(Book, install_key=install_key, now=now, random_bytes=random_bytes)
    try:
        return book(BookFiles(directory, install_key))
    except OSError as error:
        _LOG.warning("the ledger cannot be read: %s", error.strerror)
        return book(NoFiles(error))


class Book:
    """The ledger that is being written; not for several threads at once."""

    def __init__(
        self,
        files: Files,
        install_key: Ed25519PrivateKey,
        now: Moment,
        *,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """Read what is there, and note how the last run ended.

        Raises:
            OSError: what is there cannot be read.
        """
        self._files = files
        self._key = install_key
        self._random_bytes = random_bytes
        self._now = now
        self._failing_since_s: int | None = None
        self._rows_at_risk = 0
        self._notes: list[tuple[RecordKind, int, tuple[Scalar, ...]]] = []
        self._history = read_history(files.read_records(), public_bytes(install_key))
        self._hour = self._go_on(_saved_hour(files))
        self._hour_number = now.t_s // HOUR_S

    def add(self, batch: UsageBatch) -> int:
        """Count a batch of a service and return the number to acknowledge.

        It is on the disk when this returns, unless the disk fails. A batch that was
        seen before changes nothing.
        """
        if self._hour.add(batch.source, batch.number, self._now.dated(batch.rows)):
            saved = self._attempt(self._save)
            self._rows_at_risk += 0 if saved else len(batch.rows)
        if len(self._hour.rows) > _MOST_OPEN_ROWS:
            self._attempt(self._close_hour)
        return batch.number

    def note(self, kind: RecordKind, *body: Scalar) -> None:
        """Write an event down.

        Raises:
            SchemaError: the body is not as the table of records demands.
        """
        t = self._now.event_s
        encode_record(Record(0, t, 0, kind, body))
        self._notes.append((kind, t, body))
        self._attempt(self._write)

    def tick(self, now: Moment) -> None:
        """Look at the clocks: close the hour when it is over, try again what failed."""
        self._now = now
        if now.t_s // HOUR_S != self._hour_number:
            if self._attempt(self._close_hour):
                self._hour_number = now.t_s // HOUR_S
        elif self._failing_since_s is not None:
            self._attempt(self._write)

    def close(self) -> None:
        """Stop in order: confirm the ledger, and say that nothing is lost."""
        self._attempt(self._write)
        self._hour.clean = True
        self._attempt(self._save)

    def report(
        self,
        level: Level,
        *,
        since: int = 0,
        license_: tuple[bytes, int] | None = None,
    ) -> bytes:
        """Return the signed report of everything from ``since`` until now.

        Raises:
            LedgerError: no checkpoint stands before ``since``, or the ledger is empty
                or cannot be read.
        """
        if self._hour.rows or self._history.open_days.rows:
            self._attempt(lambda: self._close_hour(whole=True))
        try:
            slots = self._files.read_records()
        except OSError as error:
            raise LedgerError(f"the ledger cannot be read: {error.strerror}") from error
        public = public_bytes(self._key)
        shown = gather(slots, public, since=since, level=level, license_=license_)
        return sign_report(shown, self._key)

    def status(self, ack: tuple[int, bytes] | None = None) -> LedgerStatus:
        """Return where the ledger stands, beside the place that was acknowledged."""
        lossy_s = self._failing_s()
        return ledger_status(self._history, self._hour, ack=ack, lossy_s=lossy_s)

    @property
    def events(self) -> tuple[Record, ...]:
        """What happened beside usage, in order: it rebuilds a lost memory."""
        return tuple(self._history.events)

    @property
    def seen(self) -> tuple[Seen, ...]:
        """What each checkpoint saw, in order."""
        return tuple(self._history.seen)

    def _go_on(self, saved: OpenHour | None) -> OpenHour:
        """Join what was read, and write down how the last run ended.

        Behind a lost end a checkpoint stands first: it names the chains that go on.
        """
        read_to = self._history.mark
        self._hour = join(self._history, saved)
        self._hour.starts_on(self._now.boot_id)
        self._attempt(self._save)
        notes, t = notes_on(self._history, saved), self._now.event_s
        if self._history.mark != read_to:
            self._attempt(self._write)
        self._notes = [(kind, t, body) for kind, body in notes]
        self._attempt(self._write)
        return self._hour

    def _close_hour(self, *, whole: bool = False) -> None:
        """Move the rows of the hour into the ledger, and close days that are over.

        Saved first, so that what is written was known with the numbers of its batches.
        """
        self._save()
        writer = self._writer()
        salted = [(row, self._random_bytes(SALT_BYTES)) for row in self._hour.rows]
        added = [add_row(writer, row, salt) for row, salt in salted]
        today = self._now.t_s // DAY_S
        rows = (*self._history.open_days.rows, *added)
        close_days(writer, [x for x in rows if whole or x.t // DAY_S != today])
        self._commit(writer, closed=self._hour.closed + 1)

    def _write(self) -> None:
        """Write the notes that wait, confirmed by a checkpoint."""
        self._commit(self._writer(), closed=self._hour.closed)

    def _writer(self) -> Writer:
        """Begin a batch with the notes that wait, and with what went wrong before."""
        writer = Writer(self._history.mark, self._hour.boot)
        for kind, t, body in self._notes:
            writer.add(kind, t, *body)
        if self._failing_since_s is not None:
            lossy = self._rows_at_risk, self._failing_s()
            writer.add(RecordKind.LOSSY, self._now.event_s, *lossy)
        return writer

    def _commit(self, writer: Writer, *, closed: int) -> None:
        """Make a batch durable, then follow it in memory."""
        stamp = self._now.stamp(boot=self._hour.boot, closed=closed)
        slots = writer.seal(stamp, self._key)
        self._files.write_records(writer.start.index, slots)
        self._failing_since_s, self._rows_at_risk = None, 0
        self._notes.clear()
        self._history.take(writer.batch)
        if closed > self._hour.closed:
            self._hour.rows = ()
        self._hour.mark, self._hour.closed = writer.mark, closed
        self._save()

    def _save(self) -> None:
        self._files.save_hour(encode_open_hour(self._hour))

    def _failing_s(self) -> int:
        """Return for how long the disk fails, run seconds; at least 1 when it does."""
        if self._failing_since_s is None:
            return 0
        return max(1, self._now.run_s - self._failing_since_s)

    def _attempt(self, action: Callable[[], None]) -> bool:
        """Use the disk; one that fails is noted with the next batch it takes."""
        try:
            action()
        except OSError as error:
            if self._failing_since_s is None:
                self._failing_since_s = self._now.run_s
                _LOG.warning("the ledger cannot be written: %s", error.strerror)
            return False
        return True


def _saved_hour(files: Files) -> OpenHour | None:
    body = files.load_hour()
    try:
        return None if body is None else decode_open_hour(body)
    except LicenseError:
        return None
