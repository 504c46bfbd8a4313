"""Where a license is kept: in force now, next, or beside the one in force.

The license container chooses by time among all that are kept, so a place is never
a decision about service. A license in force is not let go before it is *proved*
that the next one has started: a clock of 2099 must not take it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from installer.engine.licensing.shelf import NEXT, NOW
from offline_license.keys import short_id
from offline_license.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offline_license.model import License

__all__ = ["Place", "place", "started_next"]

Slot = Literal["now", "next", "addon"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a license goes.

    Attributes:
        slot: for people.
        name: of its file.
        drops: files that it makes superfluous, to be removed after it is written.
    """

    slot: Slot
    name: str
    drops: tuple[str, ...] = ()


def place(new: License, kept: Mapping[str, License], *, proved_s: int) -> Place:
    """Find the place of a license that is to be kept.

    Args:
        new: genuine, and newer than what is kept of its lineage.
        kept: licenses by file name.
        proved_s: the time that is proved, seconds UTC; never the wall clock.
    """
    if new.parent is not None:
        return Place("addon", f"addon-{short_id(new.lid).lower()}.alic")
    if new.kind is Kind.EMERGENCY and NOW in kept:
        return Place("now", f"emergency-{short_id(new.lid).lower()}.alic")
    if new.nbf <= proved_s:
        return Place("now", NOW, _covered(new, kept))
    return Place("next", _next_name(new, kept), ())


def started_next(kept: Mapping[str, License], *, proved_s: int) -> str | None:
    """Return the waiting license that is proved to have started, the newest."""
    started = [
        (license_.seq, name)
        for name, license_ in kept.items()
        if _waits(name) and license_.nbf <= proved_s
    ]
    return max(started)[1] if started else None


def _waits(name: str) -> bool:
    return name.startswith("next")


def _covered(new: License, kept: Mapping[str, License]) -> tuple[str, ...]:
    """Return the waiting licenses that would bring nothing after this one."""
    return tuple(
        name
        for name, license_ in kept.items()
        if _waits(name) and license_.exp <= new.exp
    )


def _next_name(new: License, kept: Mapping[str, License]) -> str:
    """Use the one place for what comes next, unless it is needed until then."""
    waiting = kept.get(NEXT)
    if waiting is None or waiting.nbf >= new.nbf:
        return NEXT
    return f"next-{new.seq}.alic"
