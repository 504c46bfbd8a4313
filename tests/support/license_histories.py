"""Simulated lives of appliances: wrong clocks, power cuts, cheats.

A history is seeded. Three designs judge the same one: ours, a wall clock alone, and a
high-water mark of the wall clock with a day of tolerance.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offline_license.clock import Clock, Reading, effective_time, tick
from offline_license.decide import Standing, decide
from offline_license.states import Permit
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, Issuer

if TYPE_CHECKING:
    from offline_license.model import License

__all__ = ["Cheat", "HighWaterMark", "Machine", "Ours", "Wall", "cheating", "honest"]

OFFSETS_S = tuple(days * DAY_S for days in (-50 * 365, -400, -2, 5, 400, 70 * 365))
HONEST_DAYS = 80
FAULTS_PER_HOUR = 1 / 330
"""About six faults of a clock in a history, so that hardly one is without."""

_TERMS = Issuer().terms()
_BARE_TERMS = Issuer().terms(exp=EXP, term=EXP, warn_days=())
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
    """The design of this project."""

    terms: License = _TERMS
    clock: Clock = field(default_factory=lambda: Clock(IAT))
    standing: Standing | None = None

    def serves(self, reading: Reading) -> bool:
        """Tell whether new work is permitted without limit."""
        ticked = tick(self.clock, reading)
        self.clock = ticked.clock
        decision = decide(
            self.terms,
            at=effective_time(wall=reading.wall_s, floor=self.clock.proved_s),
            elapsed_s=ticked.elapsed_s,
            stable_s=self.clock.stable_s,
            previous=self.standing,
        )
        self.standing = decision.standing
        return decision.service.batch is Permit.LICENSED

    @property
    def credit_s(self) -> int:
        """How much debounce was used up."""
        return self.standing.credit_s if self.standing else 0


@dataclass
class Wall:
    """The wall clock alone, with five minutes of tolerance at the start."""

    credit_s: int = 0

    def serves(self, reading: Reading) -> bool:
        """Tell whether new work is permitted."""
        return IAT - 300 <= reading.wall_s < EXP


@dataclass
class HighWaterMark:
    """The latest wall clock ever seen counts, with a day of tolerance."""

    mark_s: int = 0
    credit_s: int = 0

    def serves(self, reading: Reading) -> bool:
        """Tell whether new work is permitted."""
        self.mark_s = max(self.mark_s, reading.wall_s)
        return reading.wall_s >= self.mark_s - DAY_S and reading.wall_s < EXP


def honest(seed: int, design: Ours | Wall | HighWaterMark, *, budget_s: int) -> int:
    """Live 80 days under a license that is valid all the time.

    Clocks are wrong for 1 to 19 hours at a time, machines are off for days.

    Args:
        seed: names the history.
        design: who judges it.
        budget_s: no further fault begins once so much debounce is used up.

    Returns:
        The hours in which new work was wrongly refused.
    """
    rng, machine = random.Random(seed), Machine()
    wrong_until_s, refused = 0, 0
    for _ in range(HONEST_DAYS * 24):
        if rng.random() < 1 / 400:
            machine.power_off(rng.randrange(DAY_S, 3 * DAY_S))
        machine.run()
        if machine.true_s >= wrong_until_s:
            fault = rng.random() < FAULTS_PER_HOUR and machine.offset_s in range(
                -300, 301
            )
            machine.offset_s = rng.randrange(-300, 301)
            if fault and design.credit_s < budget_s:
                machine.offset_s = rng.choice(OFFSETS_S)
                wrong_until_s = machine.true_s + rng.randrange(1, 20) * HOUR_S
        refused += not design.serves(machine.reading)
    return refused


@dataclass(frozen=True, slots=True)
class Cheat:
    """What a cheat got.

    Attributes:
        extra_s: time after ``term`` that was served in full.
        off_s: time the machine was off after the cheat began.
    """

    extra_s: int
    off_s: int


def _lie(way: int, hour: int, rng: random.Random) -> int:
    """Return how far the clock is set off: anything, back, or back and forth."""
    if way == 0:
        return rng.choice((0, *OFFSETS_S, rng.randrange(-(2**30), 2**30)))
    if way == 1:
        return -20 * DAY_S - hour * HOUR_S
    return -20 * DAY_S if hour // 23 % 2 else -60 * DAY_S


def cheating(seed: int) -> Cheat:
    """Lie about the time in one of three ways, from five days before ``term`` on.

    Every other machine is never off.
    """
    rng, design = random.Random(seed), Ours(_BARE_TERMS)
    begin = design.terms.term - 5 * DAY_S
    machine, extra_s = Machine(true_s=begin), 0
    design.clock = Clock(begin)
    design.serves(machine.reading)
    for hour in range(40 * 24):
        if seed % 2 and rng.random() < 1 / 200:
            machine.power_off(rng.randrange(HOUR_S, 3 * DAY_S))
        machine.offset_s = _lie(seed % 3, hour, rng)
        machine.run()
        if design.serves(machine.reading) and machine.true_s > design.terms.term:
            extra_s += HOUR_S
    return Cheat(extra_s, machine.off_s)
