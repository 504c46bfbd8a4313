"""What was taken in from installations: their usage ledgers, as far as acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.vendor.lineages import stored
from appliance.vendor.register import Event
from offline_license.checkpoint import Mark, genesis
from offline_license.model import LedgerAck
from offline_license.report_intake import Account

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.vendor.register import Entry

__all__ = ["Accounts"]


class Accounts:
    """The ledgers of all installations, as the register knows them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._reports = [e for e in entries if e.event is Event.REPORT]

    def reports(self, install_key: bytes) -> tuple[Entry, ...]:
        """Return every report of an installation, oldest first."""
        name = install_key.hex()
        return tuple(e for e in self._reports if e.fields.get("install_key") == name)

    def account(self, install_key: bytes) -> Account | None:
        """Return how far the ledger of an installation is known and counted."""
        entry = self._newest(install_key, "account")
        return None if entry is None else Account.from_bytes(stored(entry, "account"))

    def acknowledged(self, install_key: bytes) -> Mark:
        """Return the place up to which nothing is missing: the beginning at first."""
        entry = self._newest(install_key, "acknowledged")
        if entry is None:
            return genesis(install_key)
        return Mark.from_bytes(stored(entry, "acknowledged"))

    def ack(self, install_key: bytes) -> LedgerAck | None:
        """Return what licenses acknowledge; None before the first report."""
        mark = self.acknowledged(install_key)
        return LedgerAck(*mark.ack) if mark.index else None

    def last_at(self, install_key: bytes) -> int | None:
        """Return when the newest accepted report was taken in, seconds UTC."""
        entry = self._newest(install_key, "account")
        return None if entry is None else entry.at

    def doubt(self, install_key: bytes, index: int, head: bytes) -> str:
        """Compare a ledger head that a request shows with what was acknowledged.

        Args:
            install_key: 32 bytes.
            index: of the newest record of the site.
            head: the first bytes of its digest, as many as the request carries.

        Returns:
            What is wrong, as a sentence; empty when nothing is.
        """
        mark = self.acknowledged(install_key)
        if index < mark.index:
            return (
                f"LEDGER_FORK: the site's ledger has {index} records, but it was "
                f"acknowledged up to {mark.index}: a backup or a snapshot was "
                "restored. Ask the site, and for a report."
            )
        if mark.index and index == mark.index and not mark.digest.startswith(head):
            return (
                f"LEDGER_FORK: the site's ledger differs at record {index} from the "
                "one that was acknowledged: a clone, or an older snapshot that runs "
                "again. Ask the site, and for a report."
            )
        return ""

    def _newest(self, install_key: bytes, name: str) -> Entry | None:
        """Return the newest report of an installation that has a field."""
        for entry in reversed(self.reports(install_key)):
            if name in entry.fields:
                return entry
        return None
