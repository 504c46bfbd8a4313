"""The license container's answer as plain lines: who, how long, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cli.output import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

__all__ = ["license_rows", "license_sentences"]

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
