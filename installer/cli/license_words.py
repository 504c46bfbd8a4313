"""The license container's answer as plain lines: who, how long, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cli.output import count
from installer.license_flags import flag_words
from installer.license_view import LicenseView, license_view

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pydantic import JsonValue

__all__ = ["license_details", "license_rows", "license_sentences"]

_NOTHING = LicenseView("UNKNOWN")


def license_sentences(data: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return the state of the license in a line, and what happens next in another."""
    view = license_view(data) or _NOTHING
    through = view.valid_through
    words = (
        view.state.lower(),
        view.licensee,
        f"valid through {through}" if through else "",
        _days(data),
    )
    return tuple(line for line in (", ".join(filter(None, words)), _next(view)) if line)


def license_rows(data: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Yield the lines of ``anechoic license status``, without what is not known."""
    view = license_view(data) or _NOTHING
    for name, value in (
        ("state", view.state.lower()),
        ("licensee", view.licensee),
        ("serial", view.serial),
        ("valid through", str(view.valid_through or "")),
        ("full service until", _moment(view.term)),
        ("days left", _days(data).removesuffix(" left")),
        ("next", _next(view)),
    ):
        if value:
            yield name, value


def license_details(data: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Yield all that the license in force says, and what is noted beside it."""
    yield from license_rows(data)
    view = license_view(data) or _NOTHING
    usage, audio_s = view.usage, view.usage.audio_s
    for name, value in (
        ("kind", view.kind),
        ("starts", _moment(view.starts)),
        ("grants", view.capacity),
        ("host", view.host),
        ("drill until", _moment(view.drill_until)),
        ("usage records", "" if usage.records is None else str(usage.records)),
        ("since last report", "" if audio_s is None else f"{audio_s / 3600:.1f} hours"),
    ):
        if value:
            yield name, value
    for one in view.addons:
        yield "add-on", f"{one.serial}, valid through {one.valid_through}, {one.words}"
    for flag in view.flags:
        words = flag_words(flag)
        yield "flag", f"{words.title}. {words.step}"


def _days(data: Mapping[str, JsonValue]) -> str:
    """Say how long the license, or its grace, still holds."""
    left, grace = data.get("days_left"), data.get("grace_days_left")
    if isinstance(left, int) and left >= 0:
        return f"{count(left, 'day')} left"
    if isinstance(grace, int) and grace >= 0:
        return f"{count(grace, 'day')} of grace left"
    return "ended" if isinstance(grace, int) else ""


def _next(view: LicenseView) -> str:
    """Say what happens next; the license service's own sentence goes first."""
    if view.state != "VALID" or view.term is None or not view.after:
        return view.banner
    return f"Full service until {_moment(view.term)}, then {view.after}."


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
