"""The license: state, dates, days left, and what happens next."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.dashboard.model import Card, Level, Row, Section
from installer.dashboard.words import days, moment
from installer.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from installer.protocol import Status


_TITLE: Final = "License"
_LEVELS: Final = {
    "valid": Level.OK,
    "expiring": Level.WARNING,
    "grace": Level.WARNING,
    "restricted": Level.ERROR,
    "revoked": Level.ERROR,
    "pending": Level.WARNING,
    "unlicensed": Level.WARNING,
}
_NEXT: Final = {
    "valid": "When it ends, a time of grace with full service begins.",
    "expiring": "It ends soon. Renew it now: `anechoic license request`.",
    "grace": "Service is still full. When grace ends, new work is restricted; renew now.",
    "restricted": "New work is restricted. A renewed license ends this at once.",
    "revoked": "The vendor withdrew this license. Ask for a new one.",
    "pending": "It starts later; until then work is refused.",
    "unlicensed": "Without a license work is refused. Install one: `anechoic license`.",
}


@dataclass(frozen=True, slots=True)
class LicenseView:
    """What the license container said, as far as it could be read.

    Attributes:
        exp: when grace starts.
        term: when restriction starts.
        banner: the license's own sentence on what comes next.
    """

    state: str
    exp: datetime | None = None
    term: datetime | None = None
    licensee: str = ""
    serial: str = ""
    banner: str = ""
    flags: tuple[str, ...] = ()


def license_view(data: Mapping[str, JsonValue] | None) -> LicenseView | None:
    """Read the answer of the license container; None where it gave none."""
    if not data or not isinstance(data.get("state"), str):
        return None
    flags, inner = data.get("flags"), data.get("license")
    terms = inner if isinstance(inner, dict) else {}
    return LicenseView(
        state=str(data["state"]).lower(),
        exp=_moment(terms.get("exp")),
        term=_moment(terms.get("term")),
        licensee=_text(terms.get("licensee")),
        serial=_text(terms.get("serial")),
        banner=_text(data.get("banner")),
        flags=tuple(map(str, flags)) if isinstance(flags, list) else (),
    )


def license_notices(data: Mapping[str, JsonValue] | None) -> tuple[Finding, ...]:
    """Give the findings on license files that were refused."""
    problems = data.get("problems") if data else None
    return tuple(_notices(problems if isinstance(problems, list) else []))


def _notices(problems: list[JsonValue]) -> Iterator[Finding]:
    for problem in problems:
        if isinstance(problem, dict):
            with contextlib.suppress(ValueError):
                yield Finding(
                    code=_text(problem.get("code")),
                    title=_text(problem.get("title")),
                    severity=Severity.WARNING,
                    evidence=_text(problem.get("evidence")),
                    meaning=_text(problem.get("meaning")),
                    remedy=_text(problem.get("remedy")),
                )


def licensing(status: Status, now: datetime) -> Section:
    """Show the license, or why it is not shown."""
    view = license_view(status.license)
    if view is None:
        note = "Nothing is installed yet."
        if status.installed:
            note = "The license service does not answer; work in progress goes on."
        return Section("license", _TITLE, note=note)
    card = Card(
        title=view.licensee or "License",
        level=_LEVELS.get(view.state, Level.INFO),
        state=view.state,
        rows=tuple(_rows(view, now)),
        note=view.banner or _NEXT.get(view.state, ""),
    )
    return Section("license", _TITLE, (card,))


def _rows(view: LicenseView, now: datetime) -> Iterator[Row]:
    if view.exp is not None:
        yield Row("Valid until", moment(view.exp), _left(view.exp, now))
    if view.term is not None:
        yield Row("Full service until", moment(view.term), _left(view.term, now))
    if view.serial:
        yield Row("License number", view.serial)
    if view.flags:
        notices = ", ".join(flag.lower().replace("_", " ") for flag in view.flags)
        yield Row("Notices", notices)


def _left(when: datetime, now: datetime) -> str:
    seconds = (when - now).total_seconds()
    if seconds < 0:
        return f"{days(-seconds)} ago"
    return f"{days(seconds)} left"


def _moment(value: JsonValue) -> datetime | None:
    """Read a time: ISO text, or seconds since 1970."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""
