"""What the keeper tells the ledger, and what it reads back from it.

Every install key has a ledger of its own, in a folder of its own: one that ended with
its key stays as evidence. Where there is no key nothing is written. Nothing here stops
service: a fault is logged, and the ledger stays behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from appliance.license_proxy.book import open_book
from appliance.license_proxy.durable import write_durably
from appliance.license_proxy.rebuild import Past
from appliance.logs import logger_for, trouble
from offline_license.errors import KeyFileError
from offline_license.keys import key_id, public_bytes
from offline_license.ledger_history import read_history
from offline_license.ledger_schema import RecordKind
from offline_license.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from appliance.license_proxy.book import Book, Moment
    from appliance.license_proxy.book_status import LedgerStatus
    from appliance.license_proxy.grantor import Overrun
    from appliance.usage_wire import UsageBatch
    from offline_license.decide import Decision
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.ledger_fields import Scalar
    from offline_license.license import VerifiedLicense
    from offline_license.model import LedgerAck, License
    from offline_license.report_payload import Level

__all__ = ["Diary"]

_LOG = logger_for("license.ledger")
_KEY_NAME = "install.pub"
_T = TypeVar("_T")


class Diary:
    """The ledger of one host, as the keeper sees it.

    Attributes:
        past: what the ledger in use says.
    """

    def __init__(self, directory: Path) -> None:
        """Know the folder of all ledgers; none is opened yet."""
        self._directory = directory
        self._book: Book | None = None
        self._public = b""
        self._pasts: dict[bytes, Past] = {}
        self.past = Past()

    def open(self, key: Ed25519PrivateKey | None, now: Moment) -> None:
        """Open the ledger of an install key; the one in use is closed before."""
        self.close()
        self.past = Past()
        self._public = b"" if key is None else public_bytes(key)
        if key is not None:
            folder = self._folder(self._public)
            self._book = self._safely(lambda: open_book(folder, key, now), None)
            self._safely(lambda: _name_key(folder, self._public), None)
            self._read()

    def close(self) -> None:
        """Confirm what was written; nothing is lost then."""
        if self._book is not None:
            self._safely(self._book.close, None)
            self._book = None
            self._pasts.clear()

    def past_under(self, install_public: bytes) -> Past:
        """Return what the ledger of an install key says; a lost one is read once."""
        if install_public == self._public:
            return self.past
        if install_public not in self._pasts:
            past = self._safely(lambda: self._read_past(install_public), Past())
            self._pasts[install_public] = past
        return self._pasts[install_public]

    def key_lost_s(self) -> int:
        """Return the run time served since an install key was lost, under any key."""
        nobody: tuple[bytes, ...] = ()
        named = self._safely(lambda: _named_keys(self._directory), nobody)
        pasts = (self.past_under(public) for public in named)
        others = sum(one.key_lost_s for one in pasts if one is not self.past)
        return others + self.past.key_lost_s

    def tick(self, now: Moment) -> None:
        """Let time pass: hours and days that ended are written down."""
        if self._book is not None:
            book = self._book
            self._safely(lambda: book.tick(now), None)

    def note(self, kind: RecordKind, *body: Scalar) -> None:
        """Write an event down."""
        if self._book is not None:
            book = self._book
            self._safely(lambda: book.note(kind, *body), None)
            self._read()

    def follow(
        self,
        licenses: Iterable[VerifiedLicense],
        active: VerifiedLicense | None,
        decision: Decision,
        overruns: Iterable[Overrun],
    ) -> None:
        """Note what a look found that the ledger does not know yet."""
        for one in licenses:
            if not self.past.knows(one):
                named = one.license.lid, one.license.seq
                self.note(RecordKind.INSTALL, *named, one.digest)
        if decision.state is State.REVOKED and active is not None:
            named = active.license.lid, active.license.seq
            if named not in self.past.revoked:
                self.note(RecordKind.REVOKED, *named)
        for overrun in overruns:
            self.note(RecordKind.OVERAGE, overrun.limit, overrun.peak)

    def count(self, batch: UsageBatch) -> int:
        """Take a batch of usage and return the number to acknowledge.

        Raises:
            KeyFileError: there is no install key, and so no ledger.
        """
        return self._open_book().add(batch)

    def report(self, level: Level, since: int, active: License | None) -> bytes:
        """Return a signed report.

        Args:
            level: how much of the detail.
            since: index of a checkpoint to go on from, 0 for everything.
            active: the license to name in it.

        Raises:
            KeyFileError: there is no install key, and so no ledger.
            LedgerError: no report can begin at ``since``.
        """
        named = None if active is None else (active.lid, active.seq)
        return self._open_book().report(level, since=since, license_=named)

    def status(self, ack: LedgerAck | None) -> LedgerStatus | None:
        """Return where the ledger stands; None where there is none."""
        if self._book is None:
            return None
        book, place = self._book, None if ack is None else (ack.index, ack.head)
        return self._safely(lambda: book.status(place), None)

    def _read(self) -> None:
        if self._book is not None:
            book = self._book
            self.past = self._safely(lambda: Past.of(book.events, book.seen), self.past)

    def _read_past(self, install_public: bytes) -> Past:
        records = self._folder(install_public) / "records"
        if not records.exists():
            return Past()
        history = read_history(records.read_bytes(), install_public)
        return Past.of(history.events, history.seen)

    def _folder(self, install_public: bytes) -> Path:
        return self._directory / key_id(install_public).hex()

    def _open_book(self) -> Book:
        if self._book is None:
            raise KeyFileError("expected an install key to sign the ledger, found none")
        return self._book

    def _safely(self, act: Callable[[], _T], otherwise: _T) -> _T:
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - bookkeeping never stops speech
            trouble(_LOG, "ledger.failed", kind=type(error).__name__)
            return otherwise


def _name_key(folder: Path, public: bytes) -> None:
    """Say beside a ledger whose it is, so that it can be read without its key."""
    path = folder / _KEY_NAME
    if not path.exists():
        write_durably(path, public)


def _named_keys(directory: Path) -> tuple[bytes, ...]:
    """Return the public install keys that have or had a ledger here."""
    return tuple(path.read_bytes() for path in directory.glob(f"*/{_KEY_NAME}"))
