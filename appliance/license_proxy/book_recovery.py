"""How the book goes on after a stop: in order, by a power cut, or with damage.

The ledger and the saved hour are compared. The one that is further ahead is right about
the place, and the number of closed hours tells whether the saved rows are written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.license_proxy.open_hour import OpenHour
from offline_license.ledger_schema import RecordKind
from offline_license.tolerances import HOUR_S, TOLERANCES

if TYPE_CHECKING:
    from offline_license.ledger_fields import Scalar
    from offline_license.ledger_history import History

__all__ = ["join", "notes_on"]


def join(history: History, saved: OpenHour | None) -> OpenHour:
    """Return the open hour that goes on; the history follows a place it lost."""
    if saved is None:
        boot = history.checkpoint.boot if history.checkpoint else 0
        return OpenHour(history.mark, history.closed, boot=boot)
    if saved.mark.index > history.mark.index:
        history.resume(saved.mark)
    written = saved.closed < history.closed
    return replace(
        saved,
        mark=history.mark,
        closed=max(saved.closed, history.closed),
        rows=() if written else saved.rows,
        clean=False,
    )


def notes_on(
    history: History, saved: OpenHour | None
) -> list[tuple[RecordKind, tuple[Scalar, ...]]]:
    """Return what the ledger has to say about the stop."""
    notes: list[tuple[RecordKind, tuple[Scalar, ...]]] = [
        (RecordKind.BROKEN, (hole.at, hole.start.digest))
        for hole in history.new_holes()
    ]
    if lost_s := _lost_s(history, saved):
        notes.append((RecordKind.GAP, (lost_s,)))
    return [*notes, (RecordKind.START, ())]


def _lost_s(history: History, saved: OpenHour | None) -> int:
    """Return for how long counting may be lost, at most."""
    if saved is None:
        return HOUR_S if history.mark.index else 0
    return 0 if saved.clean else TOLERANCES.ledger_save_s
