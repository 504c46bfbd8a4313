"""One look at a site: tick the clock, choose the license, compare the host, decide.

Production and simulation look through this one function. What a look remembers goes
into the next one; nothing else is carried over.

    ticked = look(known, remembered, reading)
    remembered = ticked.remembered
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_license.addons import Entitlements, entitlements
from offline_license.choice import choose
from offline_license.clock import Clock, EffectiveTime, Reading, tick
from offline_license.decide import Decision, decide
from offline_license.fingerprint import Fingerprint, Match, match
from offline_license.revocation import NOTHING_REVOKED, Revocations
from offline_license.states import State
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.license import VerifiedLicense
    from offline_license.model import License
    from offline_license.standing import Standing
    from offline_license.states import Flag

__all__ = ["Known", "Look", "Remembered", "look"]

_VALID = frozenset({State.VALID, State.EXPIRING})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a site beside its clocks.

    Attributes:
        licenses: genuine ones for this installation, add-ons among them.
        revocations: the list in force.
        seen: the host now; None when it could not be read.
        build_s: when the software was built, seconds UTC.
        floor_s: the newest time that something accepted proves beside the licenses
            and the build: a response, the key set, the revocation list.
        noted: flags raised elsewhere.
    """

    licenses: tuple[VerifiedLicense, ...] = ()
    revocations: Revocations = NOTHING_REVOKED
    seen: Fingerprint | None = None
    build_s: int = 0
    floor_s: int = 0
    noted: frozenset[Flag] = frozenset()

    @property
    def floor(self) -> int:
        """``F``: the newest time that anything signed proves, seconds UTC."""
        issued = (one.license.iat for one in self.licenses)
        return max(self.build_s, self.floor_s, self.revocations.iat, *issued)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one look leaves to the next: the clock, and the standing of each license."""

    clock: Clock
    standings: tuple[Standing, ...] = ()

    def standing_of(self, license_: License) -> Standing | None:
        """Return what is remembered of one license."""
        return next((one for one in self.standings if one.is_of(license_)), None)

    def with_standing(self, standing: Standing | None) -> Remembered:
        """Return the same with this standing, if there is one, as the newest."""
        if standing is None:
            return self
        named = (standing.lid, standing.seq)
        others = [one for one in self.standings if (one.lid, one.seq) != named]
        return replace(self, standings=(*others, standing))


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found.

    Attributes:
        remembered: for the next look.
        time: the wall clock and the proved time.
        elapsed_s: run time since the last look.
        active: the license in force; None without one.
        match: how well the host was recognized.
        decision: what is permitted.
        entitlements: limits and features; None without a license.
    """

    remembered: Remembered
    time: EffectiveTime
    elapsed_s: int
    active: VerifiedLicense | None
    match: Match
    decision: Decision
    entitlements: Entitlements | None


def look(known: Known, remembered: Remembered, reading: Reading) -> Look:
    """Look at a site once.

    Args:
        known: files and facts.
        remembered: of the look before.
        reading: the clocks of the host now.
    """
    ticked = tick(remembered.clock, reading)
    clock = ticked.clock.raise_floor(known.floor)
    time = EffectiveTime(reading.wall_s, clock.proved_s)
    active = _in_force(known, remembered, clock, time)
    license_ = active.license if active else None
    found = match(license_.enrolled if license_ else None, known.seen)
    decision = decide(
        active,
        at=time,
        elapsed_s=ticked.elapsed_s,
        stable_s=clock.stable_s,
        binding=found.binding,
        previous=remembered.standing_of(license_) if license_ else None,
        revoked_at=known.revocations.revoked_at(license_) if license_ else None,
        build_s=known.build_s,
        noted=known.noted,
    )
    after = replace(remembered, clock=clock).with_standing(decision.standing)
    return Look(
        remembered=after,
        time=time,
        elapsed_s=ticked.elapsed_s,
        active=active,
        match=found,
        decision=decision,
        entitlements=_entitlements(known, active, clock, time),
    )


def _in_force(
    known: Known, remembered: Remembered, clock: Clock, time: EffectiveTime
) -> VerifiedLicense | None:
    """Choose the license; a clock that jumped does not push a valid one aside.

    Another license, one for later perhaps, would begin without a memory, and so
    without the debounce that holds this one. Once the credit of that is used up,
    nothing holds this one either.
    """
    active = choose(known.licenses, time.at, known.revocations)
    if clock.stable_s >= TOLERANCES.stable_s:
        return active
    kept = choose(known.licenses, time.proved_s, known.revocations)
    if kept is None or not remembered.standings:
        return active
    last = remembered.standings[-1]
    holds = last.shown in _VALID and last.credit_s < TOLERANCES.credit_s
    return kept if holds and last.is_of(kept.license) else active


def _entitlements(
    known: Known,
    active: VerifiedLicense | None,
    clock: Clock,
    time: EffectiveTime,
) -> Entitlements | None:
    if active is None:
        return None
    return entitlements(
        known.licenses,
        active.license,
        at=time,
        stable_s=clock.stable_s,
        revocations=known.revocations,
    )
