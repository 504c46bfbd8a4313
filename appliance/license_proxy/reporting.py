"""When a usage report is asked for, and what the ledger's state is worth saying.

None of it touches the service: a report that is overdue is a flag and a gauge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_license.model import ReportMode
from offline_license.states import Flag
from offline_license.tolerances import DAY_S, TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.license_proxy.book_status import LedgerStatus
    from offline_license.license import VerifiedLicense
    from offline_license.model import LedgerAck
    from offline_license.response import VerifiedResponse

__all__ = ["ledger_flags", "newest_ack", "report_due_s"]


def newest_ack(
    active: VerifiedLicense | None, responses: Iterable[VerifiedResponse]
) -> LedgerAck | None:
    """Return how far the vendor has the ledger, by the license and the responses."""
    acks = [one.ack for one in responses]
    acks.append(active.license.ack if active else None)
    return max((one for one in acks if one), key=lambda ack: ack.index, default=None)


def report_due_s(
    active: VerifiedLicense | None, status: LedgerStatus | None, t: int
) -> int | None:
    """Return the seconds until a usage report is asked for; None where none is.

    Args:
        active: the license in force.
        status: the ledger, counted from the acknowledged checkpoint.
        t: effective time, seconds UTC.
    """
    cadence = active.license.report if active else None
    if cadence is None or cadence.mode is ReportMode.NONE or status is None:
        return None
    return (status.since_s or t) + cadence.days * DAY_S - t


def ledger_flags(
    status: LedgerStatus | None, ack: LedgerAck | None, due_s: int | None
) -> frozenset[Flag]:
    """Return the flags that the ledger raises.

    Args:
        status: where the ledger stands.
        ack: what the vendor has.
        due_s: until a report is asked for.
    """
    if status is None:
        return frozenset()
    beyond = ack is not None and ack.index > status.index
    overdue = due_s is not None and due_s <= 0
    raised = {
        Flag.LEDGER_GAP: beyond or status.gaps > 0,
        Flag.LEDGER_FORK: status.forked and not beyond,
        Flag.REPORT_DUE: overdue or status.lossy_s >= TOLERANCES.unwritten_s,
    }
    return frozenset(flag for flag, up in raised.items() if up)
