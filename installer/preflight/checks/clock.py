"""The clock, on a host that has no time server and needs none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.preflight import kinds
from installer.preflight.result import Check, Verdict, over, verdict, warning

if TYPE_CHECKING:
    from installer.preflight.facts import ClockFacts, HostFacts
    from installer.preflight.needs import Needs

_TEN_YEARS_S: Final = 10 * 366 * 86400


def _utc(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return "a year after 9999"


def clock_sane(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the clock shows a possible time; no time server is no fault."""

    def decide(clock: ClockFacts) -> Verdict:
        built, seen = _utc(needs.built_at), _utc(clock.wall)
        evidence = f"it shows {seen}; this release was built on {built}"
        if clock.wall < needs.built_at:
            return verdict(seen, [warning(kinds.CLOCK_EARLY, evidence)])
        if clock.wall > needs.built_at + _TEN_YEARS_S:
            return verdict(seen, [warning(kinds.CLOCK_FAR, evidence)])
        follows = "a time server is followed" if clock.synchronized else "runs freely"
        return verdict(f"{seen}, {follows}")

    return over(facts.clock, "clock", decide)


CHECKS: Final = (Check("clock", "System", "Clock", clock_sane),)
