"""Effective time: an offline clock that can be wrong but not be turned back.

``F`` is the floor, the newest time that something signed proves. ``R`` is the run
time since then, ``P = F + R`` the proved minimum, ``W`` the wall clock, and the time
that licenses are judged by is ``T = max(W, P)``. No high-water mark of the wall clock
is ever kept: a date of 2099 for an hour leaves no trace once it is corrected.

One tick, exactly:

    dB     = run seconds since the last tick (after a boot: seconds since that boot)
    R      = R + dB;  P = F + R;  T = max(W, P)
    jump   = |(W - last wall) - dB|
    stable = 0 if jump > (1 h same boot | 48 h across a boot) else stable + dB

What a license makes of T, and how it holds back a downgrade after a jump, is in
``offline_license.decide``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from offline_license.tolerances import TOLERANCES

__all__ = ["Clock", "EffectiveTime", "Reading", "Tick", "effective_time", "tick"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The clocks of a host at one moment.

    Attributes:
        wall_s: the wall clock, whole seconds UTC since 1970.
        boot_s: CLOCK_BOOTTIME, whole seconds; it counts through suspend.
        boot_id: names this boot.
    """

    wall_s: int
    boot_s: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class EffectiveTime:
    """What the wall clock says and what is proved, seconds UTC."""

    wall_s: int
    proved_s: int

    @property
    def at(self) -> int:
        """``T``: the time that decisions use."""
        return max(self.wall_s, self.proved_s)

    @property
    def behind_s(self) -> int:
        """How far the wall clock is behind the proved time; 0 when it is not."""
        return max(0, self.proved_s - self.wall_s)


@dataclass(frozen=True, slots=True)
class Clock:
    """What is remembered from tick to tick, and across restarts.

    Attributes:
        floor_s: ``F``, the newest signed time.
        run_s: ``R``, run time since the floor was raised.
        stable_s: run time without a jump; a new clock starts out as trusted.
        last: the reading of the last tick; None before the first.
    """

    floor_s: int
    run_s: int = 0
    stable_s: int = TOLERANCES.stable_s
    last: Reading | None = None

    @property
    def proved_s(self) -> int:
        """``P``: the least time it can be."""
        return self.floor_s + self.run_s

    def raise_floor(self, iat: int) -> Clock:
        """Take note of a genuine, accepted object; an older one changes nothing."""
        if iat <= self.proved_s:
            return self
        return replace(self, floor_s=iat, run_s=0)

    def confirmed(self) -> Clock:
        """Take the wall clock as right, on the word of somebody who looked at it."""
        return replace(self, stable_s=max(self.stable_s, TOLERANCES.stable_s))


@dataclass(frozen=True, slots=True)
class Tick:
    """The outcome of one tick: the new clock, ``dB`` and whether the wall jumped."""

    clock: Clock
    elapsed_s: int
    jumped: bool


def effective_time(*, wall: int, floor: int, run_s: int = 0) -> EffectiveTime:
    """Return the effective time of one wall clock, floor and run time, in seconds."""
    return EffectiveTime(wall, floor + run_s)


def tick(clock: Clock, reading: Reading) -> Tick:
    """Advance the clock to a new reading.

    The first tick of all adds no run time: the uptime before it was not under the
    floor. A boot time that went back inside one boot counts as no time.
    """
    last = clock.last
    if last is None:
        return Tick(replace(clock, last=reading), 0, jumped=False)
    same_boot = last.boot_id == reading.boot_id
    since = reading.boot_s - last.boot_s if same_boot else reading.boot_s
    elapsed = max(0, since)
    jump = abs((reading.wall_s - last.wall_s) - elapsed)
    most = TOLERANCES.jump_same_boot_s if same_boot else TOLERANCES.jump_across_boots_s
    jumped = jump > most
    after = Clock(
        clock.floor_s,
        clock.run_s + elapsed,
        0 if jumped else clock.stable_s + elapsed,
        reading,
    )
    return Tick(after, elapsed, jumped)
