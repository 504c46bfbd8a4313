"""What was taken in from installations: their usage ledgers, as far as acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.vendor.lineages import stored
from appliance.vendor.register import Event
from offline_license.model import LedgerAck

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.vendor.register import Entry
    from offline_license.report_intake import Account

__all__ = ["Accounts"]

_ACK_BYTES = 16


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
        if not self.reports(install_key):
            return None
        from offline_license.report_intake import Account  # noqa: PLC0415

        for entry in reversed(self.reports(install_key)):
            if "account" in entry.fields:
                return Account.from_bytes(stored(entry, "account"))
        return None

    def ack(self, install_key: bytes) -> LedgerAck | None:
        """Return the place in the ledger that licenses acknowledge."""
        account = self.account(install_key)
        if account is None:
            return None
        return LedgerAck(account.head.index, account.head.digest[:_ACK_BYTES])

    def last_at(self, install_key: bytes) -> int | None:
        """Return when the newest accepted report was taken in, seconds UTC."""
        times = [e.at for e in self.reports(install_key) if "account" in e.fields]
        return max(times, default=None)

    def doubt(self, install_key: bytes, index: int, head: bytes) -> str:
        """Compare a ledger head that a request shows with what was acknowledged.

        Args:
            install_key: 32 bytes.
            index: of the newest record of the site.
            head: the first bytes of its hash, as many as the request carries.

        Returns:
            What is wrong, as a sentence; empty when nothing is.
        """
        account = self.account(install_key)
        if account is None:
            return ""
        known = account.path.get(index)
        if known is not None and not known.startswith(head):
            return (
                f"LEDGER_FORK: the site's ledger differs at record {index} from the "
                "one that was acknowledged: a clone, or an older snapshot that runs "
                "again. Ask the site, and for a report."
            )
        if index < account.head.index:
            return (
                f"the site's ledger ends at record {index}, but it was acknowledged "
                f"up to {account.head.index}: a backup or a snapshot was restored. "
                "Ask the site, and for a report."
            )
        return ""
