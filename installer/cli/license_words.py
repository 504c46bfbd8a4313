"""The license container's answer as plain lines: who, how long, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cli.output import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from installer.protocol import LicenseSummary, SimulationBody

__all__ = [
    "change_lines",
    "license_details",
    "license_rows",
    "license_sentences",
    "simulation_lines",
    "summary_lines",
]

_AFTER_TERM = {
    "stop": "new work is refused",
    "trickle": "one task at a time is served",
    "advisory": "service goes on with a notice",
}


def license_sentences(data: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return the state of the license in a line, and what happens next in another."""
    terms = _terms(data)
    through = _text(terms, "valid_through")
    words = (
        _state(data),
        _text(terms, "licensee"),
        f"valid through {through}" if through else "",
        _days(data),
    )
    return tuple(line for line in (", ".join(filter(None, words)), _next(data)) if line)


def license_rows(data: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Yield the lines of ``anechoic license status``, without what is not known."""
    terms = _terms(data)
    for name, value in (
        ("state", _state(data)),
        ("licensee", _text(terms, "licensee")),
        ("serial", _text(terms, "serial")),
        ("valid through", _text(terms, "valid_through")),
        ("full service until", _moment(terms, "term")),
        ("days left", _days(data).removesuffix(" left")),
        ("next", _next(data)),
    ):
        if value:
            yield name, value


def license_details(data: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Yield everything that the license in force says, and what is noted beside it."""
    yield from license_rows(data)
    terms, host = _terms(data), data.get("host")
    for name in ("kind", "issued", "starts"):
        if _text(terms, name):
            yield name, _text(terms, name)
    for name in ("features", "limits"):
        words = _listed(terms.get(name))
        if words:
            yield name, words
    if isinstance(host, dict) and _text(host, "verdict"):
        yield "host", _text(host, "verdict")
    if words := _listed(data.get("flags")):
        yield "flags", words
    for entry in _entries(data, "addons"):
        through = _text(entry, "valid_through")
        yield "add-on", f"{_text(entry, 'serial')}, valid through {through}"
    for entry in _entries(data, "problems"):
        yield "problem", f"{_text(entry, 'file')}: {_text(entry, 'evidence')}"


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
        yield found.banner
    if found.flags:
        yield f"Flags: {', '.join(found.flags)}"
    yield f"Host: {found.binding}"
    yield ""
    for row in found.service:
        yield f"{'yes' if row.open else 'no':<4} {row.name}: {row.words}"
    yield ""
    for change in found.timeline:
        words = f"  {change.words}" if change.words else ""
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


def _listed(value: JsonValue) -> str:
    """Write a list or a mapping on one line, without what is not limited."""
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items() if v is not None)
    return ", ".join(map(str, value)) if isinstance(value, list) else ""


def _entries(
    data: Mapping[str, JsonValue], name: str
) -> Iterator[dict[str, JsonValue]]:
    value = data.get(name)
    yield from (
        (one for one in value if isinstance(one, dict))
        if isinstance(value, list)
        else ()
    )


def _days(data: Mapping[str, JsonValue]) -> str:
    """Say how long the license, or its grace, still holds."""
    left, grace = data.get("days_left"), data.get("grace_days_left")
    if isinstance(left, int) and left >= 0:
        return f"{count(left, 'day')} left"
    if isinstance(grace, int) and grace >= 0:
        return f"{count(grace, 'day')} of grace left"
    return "ended" if isinstance(grace, int) else ""


def _next(data: Mapping[str, JsonValue]) -> str:
    """Say what happens next; the license service's own sentence goes first."""
    terms = _terms(data)
    after = _AFTER_TERM.get(_text(terms, "after_term"))
    if _state(data) != "valid" or after is None:
        return _text(data, "banner")
    return f"Full service until {_moment(terms, 'term')}, then {after}."


def _terms(data: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    terms = data.get("license")
    return terms if isinstance(terms, dict) else {}


def _state(data: Mapping[str, JsonValue]) -> str:
    return (_text(data, "state") or "unknown").lower()


def _text(data: Mapping[str, JsonValue], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _moment(data: Mapping[str, JsonValue], name: str) -> str:
    """Write ``2027-10-01T12:00:00Z`` as ``2027-10-01 12:00 UTC``."""
    return f"{text[:16].replace('T', ' ')} UTC" if (text := _text(data, name)) else ""
