"""What a new license changes for a site, line by line, before it is installed.

What gets worse must be accepted in words of its own. A line names the term, then what
it was and what it will be: ``live sessions: 8 -> 4``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license.dates import iso, valid_through
from offline_license.model import Kind, Post, ReportMode
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offline_license.model import Capacity, License

__all__ = ["Changes", "compare"]

_NONE = "none"
_LIMITS = {
    "streams": "live sessions",
    "gpus": "GPUs",
    "audio_hours": "hours of audio",
    "hosts": "hosts",
}
_AFTER = {
    Post.STOP: "new work stops",
    Post.TRICKLE: "one task at a time",
    Post.ADVISORY: "full service with advice",
}
_REPORTS = {
    ReportMode.NONE: "not asked for",
    ReportMode.ADVISORY: "asked for",
    ReportMode.CONDITION_OF_RENEWAL: "a condition of the next renewal",
}
_KINDS = {
    Kind.PRODUCTION: "production",
    Kind.NON_PRODUCTION: "non-production",
    Kind.STANDBY: "standby",
    Kind.EVALUATION: "evaluation",
    Kind.EMERGENCY: "emergency",
}
"""From the most to the least that a license is good for."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The lines, sorted into better and worse."""

    gains: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()

    @property
    def loses(self) -> bool:
        """Whether something must be accepted."""
        return bool(self.losses)


@dataclass(frozen=True, slots=True)
class _Line:
    """One difference: the text, and whether it is for the better."""

    text: str
    better: bool


def compare(old: License | None, new: License) -> Changes:
    """Compare the terms of two licenses; with none before, everything is a gain."""
    if old is None:
        return Changes(gains=(f"valid through {valid_through(new.exp)}",))
    lines = tuple(_lines(old, new))
    return Changes(
        gains=tuple(line.text for line in lines if line.better),
        losses=tuple(line.text for line in lines if not line.better),
    )


def _lines(old: License, new: License) -> Iterator[_Line]:
    yield from _dates(old, new)
    yield from _limits(old.capacity, new.capacity)
    for code in sorted({*old.features} ^ {*new.features}):
        better = code in new.features
        yield _Line(f"{'+' if better else '-'}feature {code}", better)
    yield from _promises(old, new)


def _dates(old: License, new: License) -> Iterator[_Line]:
    """Compare until when it serves, and whether there is a gap before it."""
    yield from _more(
        "valid through",
        (old.exp, str(valid_through(old.exp))),
        (new.exp, str(valid_through(new.exp))),
    )
    yield from _more(
        "full service to", (old.term, iso(old.term)), (new.term, iso(new.term))
    )
    if new.nbf > old.term:
        yield _Line(f"no full service from {iso(old.term)} to {iso(new.nbf)}", False)


def _limits(old: Capacity, new: Capacity) -> Iterator[_Line]:
    for field, name in _LIMITS.items():
        then, now = getattr(old, field), getattr(new, field)
        yield from _more(name, _limit(then), _limit(now))
    yield from _more("above a limit for a day", _overdraft(old), _overdraft(new))


def _promises(old: License, new: License) -> Iterator[_Line]:
    """Compare what holds after ``term`` and beside the service."""
    yield from _more(
        "after that", (old.post, _AFTER[old.post]), (new.post, _AFTER[new.post])
    )
    yield from _more("software dated up to", _mbd(old), _mbd(new))
    yield from _more("emergency codes", _codes(old), _codes(new))
    yield from _more("usage reports", _report(old), _report(new))
    yield from _more("kind", _kind(old), _kind(new))


def _more(name: str, old: tuple[float, str], new: tuple[float, str]) -> Iterator[_Line]:
    """Yield a line where a quantity differs; more is better."""
    if new[0] != old[0]:
        yield _Line(f"{name}: {old[1]} -> {new[1]}", better=new[0] > old[0])


def _limit(value: int | None) -> tuple[float, str]:
    return (float("inf"), "unlimited") if value is None else (value, str(value))


def _overdraft(capacity: Capacity) -> tuple[float, str]:
    given = capacity.overdraft_percent
    percent = TOLERANCES.overdraft_percent if given is None else given
    return percent, f"{percent} %"


def _mbd(license_: License) -> tuple[float, str]:
    built = license_.max_build_date
    return (-1, _NONE) if built is None else (built, iso(built))


def _codes(license_: License) -> tuple[float, str]:
    """Count the days that codes can give."""
    chain = license_.extension
    if chain is None:
        return 0, _NONE
    return chain.count * chain.days, f"{chain.count} for {chain.days} days each"


def _report(license_: License) -> tuple[float, str]:
    """Order by duty: less is better."""
    mode = license_.report.mode if license_.report else ReportMode.NONE
    return -mode, _REPORTS[mode]


def _kind(license_: License) -> tuple[float, str]:
    return -[*_KINDS].index(license_.kind), _KINDS[license_.kind]
