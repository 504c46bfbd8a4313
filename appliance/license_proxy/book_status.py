"""What the ledger says about itself: where it stands, and what is not acknowledged."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from offline_license.checkpoint import ACK_BYTES
from offline_license.dates import iso
from offline_license.ledger import SLOT_BYTES
from offline_license.usage import Totals

if TYPE_CHECKING:
    from appliance.license_proxy.open_hour import OpenHour
    from offline_license.ledger_history import History

__all__ = ["LedgerStatus", "ledger_status"]


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """The ledger at one moment.

    Attributes:
        index, digest: where it stands.
        since_ack: sums that the vendor has not acknowledged.
        since_s: when those began, seconds UTC; 0 in an empty ledger.
        lossy_s: for how long counting goes on in memory only, seconds; 0 normally.
        forked: what the vendor acknowledged is not in this ledger.
        gaps: how often records were found damaged, behind what was acknowledged.
    """

    index: int
    digest: bytes
    since_ack: Totals
    since_s: int
    lossy_s: int
    forked: bool
    gaps: int

    @property
    def ack(self) -> tuple[int, bytes]:
        """The short form by which a license would acknowledge all of it."""
        return self.index, self.digest[:ACK_BYTES]

    @property
    def records(self) -> int:
        """Records in the ledger."""
        return self.index

    @property
    def size_bytes(self) -> int:
        """Bytes on disk."""
        return self.index * SLOT_BYTES

    @property
    def lossy(self) -> bool:
        """Whether counting goes on in memory only."""
        return self.lossy_s > 0

    def to_json(self) -> dict[str, object]:
        """Return what ``GET /v1/license`` shows."""
        since_ack = {"requests": self.since_ack.requests, **asdict(self.since_ack)}
        return {
            "index": self.index,
            "head": self.digest.hex(),
            "records": self.records,
            "bytes": self.size_bytes,
            "since": iso(self.since_s) if self.since_s else None,
            "since_ack": since_ack,
            "lossy": self.lossy,
            "lossy_s": self.lossy_s,
            "forked": self.forked,
            "gaps": self.gaps,
        }


def ledger_status(
    history: History,
    hour: OpenHour,
    *,
    ack: tuple[int, bytes] | None,
    lossy_s: int,
) -> LedgerStatus:
    """Return the status of a ledger and its open hour.

    Args:
        history: what is written.
        hour: what is not written yet.
        ack: the place that the license acknowledges: index and 16 bytes of its digest.
        lossy_s: for how long counting goes on in memory only.
    """
    forked = ack is not None and history.lacks(ack)
    acked = ack[0] if ack is not None and not forked else 0
    return LedgerStatus(
        history.mark.index,
        history.mark.digest,
        history.totals_since(acked) + Totals.of(hour.rows),
        history.began_s(acked),
        lossy_s,
        forked,
        sum(hole.last >= acked for hole in history.holes),
    )
