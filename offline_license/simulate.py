"""What would happen: live through a scenario by the looks of production.

The host is looked at once an hour from now to a date, with a clock that goes wrong, parts
that are swapped, or a time on the shelf. It is the same ``look`` that decides at a
site, so what is shown is what will be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_license.banner import banner
from offline_license.clock import Reading
from offline_license.fingerprint import VALUE_BYTES
from offline_license.look import Known, Look, Remembered, look
from offline_license.services import ServiceRow, service_rows
from offline_license.tolerances import DAY_S, HOUR_S, TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offline_license.fingerprint import Fingerprint, Group
    from offline_license.states import Flag, State

__all__ = ["Moment", "Outcome", "Scenario", "simulate"]

_SWAPPED = (bytes(VALUE_BYTES),)
_NEXT_BOOT = "the boot after the shelf"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is rehearsed.

    Attributes:
        at: the true time of the last look, seconds UTC.
        wall_s: what somebody sets the wall clock to; None leaves it as it is.
        wall_for_s: how long before ``at`` that happens.
        swaps: the groups of facts that change, from the start on.
        off_s: how long the host is off before ``at``; it boots then.
    """

    at: int
    wall_s: int | None = None
    wall_for_s: int = 0
    swaps: frozenset[Group] = frozenset()
    off_s: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A look at which something changed: the true time, and what was shown."""

    at: int
    state: State
    flags: frozenset[Flag]
    banner: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the last look found, how it came to that, and what works then."""

    look: Look
    timeline: tuple[Moment, ...]
    service: tuple[ServiceRow, ...]
    banner: str


def simulate(
    known: Known, remembered: Remembered, start: Reading, scenario: Scenario
) -> Outcome:
    """Live through a scenario.

    Args:
        known: what the site knows now.
        remembered: of its last look.
        start: its clocks now.
        scenario: what is to happen.

    Raises:
        ValueError: the date is not after now, or too far ahead.
    """
    now = max(start.wall_s, remembered.clock.proved_s)
    if not now <= scenario.at <= now + TOLERANCES.simulated_s:
        days = TOLERANCES.simulated_s // DAY_S
        msg = f"a simulation runs from now to at most {days} days ahead"
        raise ValueError(msg)
    changed = replace(known, seen=_swapped(known.seen, scenario.swaps))
    readings = _readings(start, now, scenario)
    true_s, reading = next(readings)
    looked = look(changed, remembered, reading)
    timeline = [_moment(true_s, looked)]
    for true_s, reading in readings:
        looked = look(changed, looked.remembered, reading)
        moment = _moment(true_s, looked)
        if replace(moment, at=timeline[-1].at) != timeline[-1]:
            timeline.append(moment)
    rows = service_rows(looked.decision)
    return Outcome(looked, tuple(timeline), rows, timeline[-1].banner)


def _readings(
    start: Reading, now: int, scenario: Scenario
) -> Iterator[tuple[int, Reading]]:
    """Yield the true time and the clocks of every look; the last one is at the date."""
    for true_s in range(now, scenario.at - scenario.off_s, HOUR_S):
        wall_s = _wall(start, now, scenario, true_s)
        yield true_s, Reading(wall_s, start.boot_s + true_s - now, start.boot_id)
    wall_s = _wall(start, now, scenario, scenario.at)
    if scenario.off_s:
        yield scenario.at, Reading(wall_s, 0, _NEXT_BOOT)
    else:
        boot_s = start.boot_s + scenario.at - now
        yield scenario.at, Reading(wall_s, boot_s, start.boot_id)


def _wall(start: Reading, now: int, scenario: Scenario, true_s: int) -> int:
    """Return the wall clock: as wrong as it is now, or as it is set and goes on."""
    since = true_s - (scenario.at - scenario.wall_for_s)
    if scenario.wall_s is None or since < 0:
        return start.wall_s + true_s - now
    return scenario.wall_s + since


def _swapped(seen: Fingerprint | None, swaps: frozenset[Group]) -> Fingerprint | None:
    """Return the host with other values in the groups that it has."""
    if seen is None:
        return None
    other = {group: _SWAPPED for group in seen.groups if group in swaps}
    return replace(seen, groups={**seen.groups, **other})


def _moment(true_s: int, looked: Look) -> Moment:
    decision = looked.decision
    license_ = looked.active.license if looked.active else None
    return Moment(true_s, decision.state, decision.flags, banner(decision, license_))
