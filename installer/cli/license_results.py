"""What became of a license that was carried in, and of a rehearsal, as plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.license_view import host_words, plain_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.protocol import LicenseSummary, SimulationBody

__all__ = ["change_lines", "simulation_lines", "summary_lines"]


def change_lines(summary: LicenseSummary) -> tuple[str, ...]:
    """Return what a license changes against the one in force, as a diff."""
    gains = (f"+ {line}" for line in summary.gains)
    losses = (f"- {line}" for line in summary.losses)
    return (*gains, *losses)


def summary_lines(summary: LicenseSummary) -> tuple[str, ...]:
    """Return what was carried in, what became of it, and until when it holds."""
    ends = f"Full service to {summary.term:%Y-%m-%d %H:%M} UTC."
    if summary.valid_through is not None:
        ends = f"Valid through {summary.valid_through}. {ends}"
    brought = ", ".join(summary.updates)
    extra = f"Also brought: {brought}." if brought else ""
    name = f"License {summary.license_id} for {summary.customer}"
    return tuple(filter(None, (f"{name}: {_outcome(summary)}", ends, extra)))


def simulation_lines(found: SimulationBody) -> Iterator[str]:
    """Yield what would be, and how it would come to that."""
    yield f"At {found.at:%Y-%m-%d %H:%M} UTC the license is {found.state}."
    if found.banner:
        yield plain_times(found.banner)
    if found.flags:
        yield f"Flags: {', '.join(found.flags)}"
    yield f"Host: {host_words(found.binding)}"
    yield ""
    for row in found.service:
        yield f"{'yes' if row.open else 'no':<4} {row.name}: {row.words}"
    yield ""
    for change in found.timeline:
        words = f"  {plain_times(change.words)}" if change.words else ""
        yield f"{change.at:%Y-%m-%d %H:%M} UTC  {change.state:<10}{words}"


def _outcome(summary: LicenseSummary) -> str:
    if summary.form == "code":
        return f"{summary.state}; the code is redeemed"
    match summary.outcome:
        case "same":
            nothing = "" if summary.updates else ", nothing was changed"
            return f"{summary.state}; it is installed already{nothing}"
        case "waiting":
            starts = (
                f"{summary.starts:%Y-%m-%d %H:%M} UTC" if summary.starts else "later"
            )
            return f"{summary.state}; it starts at {starts}, the one in force stays"
        case "checked" | "installed":
            return summary.state
