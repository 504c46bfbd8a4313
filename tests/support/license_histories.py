"""Simulated lives of appliances: wrong clocks, dead batteries, snapshots, shelves, cheats.

A history is seeded, and three designs judge the same one, hour by hour: ours, a wall
clock alone, and a high-water mark of the wall clock with a day of tolerance.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from typing import Final

from offline_license.clock import Clock, Reading
from offline_license.look import Known, Remembered, look
from offline_license.model import ExtensionAnchor
from offline_license.standing import redeem
from offline_license.states import Permit
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, Issuer

__all__ = [
    "CODES",
    "DESIGNS",
    "Cheat",
    "HighWaterMark",
    "Life",
    "Machine",
    "Ours",
    "Site",
    "Wall",
    "cheating",
    "live",
    "returned",
    "uncorrected",
]

DESIGNS: Final = ("ours", "wall clock", "high-water mark")
LIFE_HOURS: Final = 80 * 24
_YEAR_S = 365 * DAY_S
_OFFSETS_S = tuple(days * DAY_S for days in (-50 * 365, -400, -2, 5, 400, 70 * 365))
_USUAL_S = 300
"""How far an honest clock is off."""
_FAULTS_PER_HOUR = 1 / 330
"""About six faults of a clock in a life, so that hardly one is without."""
_POWER_CUTS_PER_HOUR = 1 / 400
_LONGEST_FAULT_H = 20

_KNOWN = Known((Issuer().license(),))
CODES = ExtensionAnchor(count=3, days=14, anchor=bytes(13))
_BARE = Known((Issuer().license(exp=EXP, term=EXP, warn_days=(), extension=CODES),))
"""Without grace or warnings: the most that the cold-start allowance can give."""


@dataclass
class Machine:
    """The true time and what its clocks show; looked at once an hour."""

    true_s: int = IAT
    boot: int = 1
    boot_s: int = 1_000
    offset_s: int = 0
    off_s: int = 0

    @property
    def reading(self) -> Reading:
        """What a program on it sees."""
        wall_s = max(0, self.true_s + self.offset_s)
        return Reading(wall_s, self.boot_s, f"boot {self.boot}")

    def run(self) -> None:
        """Run for an hour."""
        self.true_s += HOUR_S
        self.boot_s += HOUR_S

    def power_off(self, seconds: int) -> None:
        """Be off and boot."""
        self.true_s += seconds
        self.off_s += seconds
        self.boot, self.boot_s = self.boot + 1, 0


@dataclass
class Ours:
    """The design of this project: what the license container looks through."""

    known: Known = _KNOWN
    remembered: Remembered = field(default_factory=lambda: Remembered(Clock(IAT)))

    def serves(self, reading: Reading) -> bool:
        """Tell whether new work is permitted without limit."""
        found = look(self.known, self.remembered, reading)
        self.remembered = found.remembered
        return found.decision.service.batch is Permit.LICENSED

    def redeem(self, index: int, reading: Reading) -> None:
        """Redeem an extension code at the effective time that a clock makes."""
        license_ = self.known.licenses[0].license
        standing = self.remembered.standing_of(license_)
        if standing is not None:
            t = max(reading.wall_s, self.remembered.clock.proved_s)
            extended = redeem(standing, license_, index, t=t)
            self.remembered = self.remembered.with_standing(extended)

    @property
    def credit_s(self) -> int:
        """How much debounce was used up."""
        return sum(standing.credit_s for standing in self.remembered.standings)


@dataclass
class Wall:
    """The wall clock alone, with five minutes of tolerance at the start."""

    def serves(self, reading: Reading) -> bool:
        """Tell whether new work is permitted."""
        return IAT - 300 <= reading.wall_s < EXP


@dataclass
class HighWaterMark:
    """The latest wall clock ever seen counts, with a day of tolerance."""

    mark_s: int = 0

    def serves(self, reading: Reading) -> bool:
        """Tell whether new work is permitted."""
        self.mark_s = max(self.mark_s, reading.wall_s)
        return reading.wall_s >= self.mark_s - DAY_S and reading.wall_s < EXP


@dataclass
class _Judges:
    """The three designs, with what they remember on the machine's disk."""

    ours: Ours = field(default_factory=Ours)
    wall: Wall = field(default_factory=Wall)
    mark: HighWaterMark = field(default_factory=HighWaterMark)

    def serve(self, reading: Reading) -> tuple[bool, ...]:
        """Ask all of them, in the order of ``DESIGNS``."""
        return tuple(one.serves(reading) for one in (self.ours, self.wall, self.mark))

    def disk(self) -> _Judges:
        """Take a snapshot of the disk."""
        return _Judges(copy.copy(self.ours), Wall(), copy.copy(self.mark))


@dataclass(frozen=True, slots=True)
class Site:
    """What is wrong with a site, beside faults of its clock and power cuts.

    Attributes:
        dead_battery: after every power cut the clock shows any date.
        drift_s: what its clock gains in an hour until somebody sets it.
        snapshot_h: the hour of a snapshot, and of starting from it again.
        shelf: the hour from which it stands in a cupboard, and for how many days.
    """

    dead_battery: bool = False
    drift_s: int = 0
    snapshot_h: tuple[int, int] | None = None
    shelf: tuple[int, int] | None = None

    @classmethod
    def draw(cls, rng: random.Random) -> Site:
        """Draw a site; two in five have a dead battery, and so on."""
        taken = rng.randrange(24, LIFE_HOURS - 24)
        back = min(taken + rng.randrange(24, 30 * 24), LIFE_HOURS - 1)
        return cls(
            dead_battery=rng.random() < 2 / 5,
            drift_s=rng.choice((0, 0, 0, -2, 1, 4)),
            snapshot_h=(taken, back) if rng.random() < 1 / 3 else None,
            shelf=(rng.randrange(LIFE_HOURS), rng.randrange(20, 230))
            if rng.random() < 1 / 4
            else None,
        )


@dataclass(frozen=True, slots=True)
class Life:
    """What came of one history.

    Attributes:
        refused_h: hours in which new work was wrongly refused, by ``DESIGNS``.
        faults: how often the clock went wrong.
        site: what else was wrong.
    """

    refused_h: tuple[int, ...]
    faults: int
    site: Site


def live(seed: int, *, budget_s: int) -> Life:
    """Live 80 days of run time under a license that is valid all the time.

    Clocks are wrong for 1 to 19 hours at a time; machines are off for days, or for
    months on a shelf; disks are put back to an earlier snapshot.

    Args:
        seed: names the history.
        budget_s: no further fault begins once our design has used up so much debounce.
    """
    history = _History(random.Random(seed), budget_s)
    refused = [0] * len(DESIGNS)
    for hour in range(LIFE_HOURS):
        history.pass_hour(hour)
        for number, serves in enumerate(history.judges.serve(history.machine.reading)):
            refused[number] += not serves
    assert history.machine.true_s < EXP, "the license has ended in truth"
    return Life(tuple(refused), history.faults, history.site)


class _History:
    """One life while it is lived."""

    def __init__(self, rng: random.Random, budget_s: int) -> None:
        self.site = Site.draw(rng)
        self.machine, self.judges, self.faults = Machine(), _Judges(), 0
        self._rng, self._budget_s = rng, budget_s
        self._wrong_until_s = 0
        self._disk = self.judges.disk()

    def pass_hour(self, hour: int) -> None:
        """Let happen what happens, then run for an hour."""
        if self.site.shelf and hour == self.site.shelf[0]:
            self._off(self.site.shelf[1] * DAY_S)
        elif self._rng.random() < _POWER_CUTS_PER_HOUR:
            self._off(self._rng.randrange(HOUR_S, 3 * DAY_S))
        self._snapshot(hour)
        self.machine.run()
        self.machine.offset_s += self.site.drift_s
        if self.machine.true_s >= self._wrong_until_s:
            was_wrong, self._wrong_until_s = self._wrong_until_s, 0
            if was_wrong or abs(self.machine.offset_s) > _USUAL_S:
                self.machine.offset_s = self._rng.randrange(-_USUAL_S, _USUAL_S + 1)
            elif self._rng.random() < _FAULTS_PER_HOUR:
                self._go_wrong(self._rng.choice(_OFFSETS_S))

    def _snapshot(self, hour: int) -> None:
        """Take a snapshot of the disk, or start from it again."""
        taken, back = self.site.snapshot_h or (-1, -1)
        if hour == taken:
            self._disk = self.judges.disk()
        elif hour == back:
            self.judges = self._disk
            self.machine.power_off(600)

    def _off(self, seconds: int) -> None:
        """Be off; with a dead battery the clock then shows 1970 or any other date."""
        self.machine.power_off(seconds)
        if self.site.dead_battery:
            shown = self._rng.choice((0, self._rng.randrange(IAT + 20 * _YEAR_S)))
            self._go_wrong(shown - self.machine.true_s)

    def _go_wrong(self, offset_s: int) -> None:
        """Let the clock be wrong for some hours, if the budget is not used up."""
        if self.judges.ours.credit_s < self._budget_s:
            self.faults += 1
            self.machine.offset_s = offset_s
            hours = self._rng.randrange(1, _LONGEST_FAULT_H)
            self._wrong_until_s = self.machine.true_s + hours * HOUR_S


def returned(seed: int) -> tuple[int, ...]:
    """Come back from a shelf after the license has ended, and run for 20 days.

    Returns:
        The hours served in full after the return, by ``DESIGNS``: what an honest site
        has to get a renewal before it stands still.
    """
    rng, machine, judges = random.Random(seed), Machine(), _Judges()
    judges.serve(machine.reading)
    machine.power_off(EXP - IAT + rng.randrange(31, 400) * DAY_S)
    served = [0] * len(DESIGNS)
    for _ in range(20 * 24):
        if rng.random() < 1 / 30:
            machine.power_off(60)
        machine.run()
        for number, serves in enumerate(judges.serve(machine.reading)):
            served[number] += serves
    return tuple(served)


def uncorrected() -> tuple[int, ...]:
    """Let the clock go to 2099 for a month, with nobody to look at it.

    Returns:
        The hours served in full before the first refusal, by ``DESIGNS``.
    """
    machine, judges = Machine(true_s=IAT), _Judges()
    judges.serve(machine.reading)
    machine.offset_s = 72 * _YEAR_S
    served, still = [0] * len(DESIGNS), [True] * len(DESIGNS)
    for _ in range(30 * 24):
        machine.run()
        for number, serves in enumerate(judges.serve(machine.reading)):
            still[number] = still[number] and serves
            served[number] += still[number]
    return tuple(served)


@dataclass(frozen=True, slots=True)
class Cheat:
    """What a cheat got.

    Attributes:
        extra_s: time after ``term`` that was served in full, by ``DESIGNS``.
        off_s: time the machine was off after the cheat began.
    """

    extra_s: tuple[int, ...]
    off_s: int


def _lie(way: int, hour: int, rng: random.Random) -> int:
    """Return how far the clock is set off: anything, back, to and fro, or stopped."""
    if way == 0:
        return rng.choice((0, *_OFFSETS_S, rng.randrange(-(2**30), 2**30)))
    if way == 1:
        return -20 * DAY_S - hour * HOUR_S
    if way == 2:
        return -20 * DAY_S if hour // 23 % 2 else -60 * DAY_S
    return -hour * HOUR_S


def cheating(seed: int, *, days: int = 40, codes: int = 0) -> Cheat:
    """Lie about the time in one of four ways, from five days before ``term`` on.

    Args:
        seed: names the history; machines of even ones are never off.
        days: of run time.
        codes: how many extension codes it has to redeem, at moments of its choice.
    """
    rng = random.Random(seed)
    begin = EXP - 5 * DAY_S
    ours = Ours(_BARE, Remembered(Clock(begin)))
    machine, judges = Machine(true_s=begin), _Judges(ours)
    judges.serve(machine.reading)
    extra_s = [0] * len(DESIGNS)
    for hour in range(days * 24):
        if seed % 2 and rng.random() < 1 / 200:
            machine.power_off(rng.randrange(HOUR_S, 3 * DAY_S))
        machine.offset_s = _lie(seed // 2 % 4, hour, rng)
        machine.run()
        if codes and rng.random() < 1 / 100:
            judges.ours.redeem(rng.randrange(1, codes + 1), machine.reading)
        for number, serves in enumerate(judges.serve(machine.reading)):
            if serves and machine.true_s > EXP:
                extra_s[number] += HOUR_S
    return Cheat(tuple(extra_s), machine.off_s)
