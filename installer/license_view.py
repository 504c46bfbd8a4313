"""The answer of the license service, read into values: one reading for every face.

Pure functions. What is missing or unreadable is None or empty, never a guess.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from installer.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

__all__ = [
    "AddOn",
    "LicenseView",
    "UsageView",
    "after_words",
    "capacity_words",
    "host_words",
    "license_problems",
    "license_view",
    "plain_times",
]

_Json: TypeAlias = "Mapping[str, JsonValue]"
_AFTER: Final = {
    "stop": "new work is refused",
    "trickle": "one task at a time is served",
    "advisory": "service goes on with a notice",
}
_VERDICTS: Final = {
    "match": "recognized",
    "drift": "recognized, though a part was exchanged",
    "mismatch": "not recognized",
    "unreadable": "its parts cannot be read",
    "unbound": "any machine that holds the install key",
}
_ISO_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ")
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9998
_WORKS: Final = {
    ("licensed", "licensed"): "everything, up to what is covered",
    ("one", "one"): "one task at a time",
    ("none", "demo"): "a demonstration: one live session, 60 minutes a day",
    ("none", "none"): "nothing new; work in flight is finished",
}
_LIMITS: Final = (
    ("streams", "stream", "streams"),
    ("gpus", "GPU", "GPUs"),
    ("audio_hours", "hour of audio", "hours of audio"),
    ("hosts", "host", "hosts"),
)


@dataclass(frozen=True, slots=True)
class AddOn:
    """A license that adds to another one while its own dates hold."""

    serial: str
    valid_through: date | None
    exp: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class UsageView:
    """The usage records as far as an operator needs to know.

    Attributes:
        report_due_s: seconds until a report is due; negative is overdue, None never.
        lossy: some usage could not be written to disk.
        audio_s: seconds of audio since the last report that the vendor accepted.
    """

    records: int | None = None
    report_due_s: int | None = None
    lossy: bool = False
    audio_s: float | None = None
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class LicenseView:
    """What the license service said about itself.

    Attributes:
        state: in capitals, such as ``GRACE``.
        works: what may be begun now, in words.
        exp: when grace starts.
        term: when restriction starts.
        after: what happens from ``term`` on, in words.
        capacity: what is licensed, in words, add-ons included.
        flags: names beside the state.
        banner: a sentence of the service; empty when there is nothing to say.
        held_back: a worse state waits until the clock has been steady.
        wall, proved, effective: the times that licensing goes by.
        host: how the machine was recognized, in words.
        drill_until: end of a rehearsal of expiry; None outside one.
    """

    state: str
    works: str = ""
    licensee: str = ""
    serial: str = ""
    kind: str = ""
    exp: datetime | None = None
    term: datetime | None = None
    starts: datetime | None = None
    valid_through: date | None = None
    after: str = ""
    capacity: str = ""
    flags: tuple[str, ...] = ()
    banner: str = ""
    held_back: bool = False
    wall: datetime | None = None
    proved: datetime | None = None
    effective: datetime | None = None
    host: str = ""
    drill_until: datetime | None = None
    addons: tuple[AddOn, ...] = ()
    usage: UsageView = field(default_factory=UsageView)

    @property
    def drill(self) -> bool:
        """Tell whether what is shown is a rehearsal of expiry."""
        return "DRILL" in self.flags

    @property
    def licensed(self) -> bool:
        """Tell whether a license is there at all."""
        return self.exp is not None


def license_view(data: _Json | None) -> LicenseView | None:
    """Read the answer of the license service; None where it gave none."""
    if not data or not isinstance(data.get("state"), str):
        return None
    terms, times = _inner(data, "license"), _inner(data, "time")
    flags = data.get("flags")
    return LicenseView(
        state=_text(data, "state").upper(),
        licensee=_text(terms, "licensee"),
        serial=_text(terms, "serial"),
        kind=_text(terms, "kind").replace("_", "-"),
        exp=_moment(terms.get("exp")),
        term=_moment(terms.get("term")),
        works=_works(_inner(data, "service")),
        starts=_moment(terms.get("starts")),
        valid_through=_day(terms.get("valid_through")),
        after=after_words(_text(terms, "after_term")),
        capacity=capacity_words(_inner(data, "entitlements") or terms),
        flags=tuple(map(str, flags)) if isinstance(flags, list) else (),
        banner=plain_times(_text(data, "banner")),
        held_back=data.get("held_back") is True,
        wall=_moment(times.get("wall")),
        proved=_moment(times.get("proved")),
        effective=_moment(times.get("effective")),
        host=_host(_inner(data, "host")),
        drill_until=_moment(data.get("drill_until")),
        addons=tuple(_addons(data.get("addons"))),
        usage=_usage(_inner(data, "ledger")),
    )


def license_problems(data: _Json | None) -> tuple[Finding, ...]:
    """Return the findings on license files that were refused."""
    problems = data.get("problems") if data else None
    return tuple(_findings(problems if isinstance(problems, list) else []))


def _findings(problems: list[JsonValue]) -> Iterator[Finding]:
    for problem in problems:
        if isinstance(problem, dict):
            with contextlib.suppress(ValueError):
                yield Finding(
                    code=_text(problem, "code"),
                    title=_text(problem, "title"),
                    severity=Severity.WARNING,
                    evidence=_text(problem, "evidence"),
                    meaning=_text(problem, "meaning"),
                    remedy=_text(problem, "remedy"),
                )


def after_words(after_term: str) -> str:
    """Say what the terms provide for the time after full service."""
    return _AFTER.get(after_term, "")


def host_words(verdict: str) -> str:
    """Say how a machine was recognized."""
    return _VERDICTS.get(verdict, verdict)


def plain_times(words: str) -> str:
    """Write each ``2027-10-01T12:00:00Z`` in a sentence as ``2027-10-01 12:00 UTC``."""
    return _ISO_TIME.sub(r"\1 \2 UTC", words)


def capacity_words(terms: _Json) -> str:
    """Say limits and features in a line, such as ``8 streams, 2 GPUs``."""
    limits = _inner(terms, "limits")
    words = []
    for name, one, many in _LIMITS:
        count = _whole(limits.get(name))
        if count is not None:
            words.append(f"{count} {one if count == 1 else many}")
    features = terms.get("features")
    if isinstance(features, list) and features:
        names = ", ".join(map(str, features))
        words.append(f"{'feature' if len(features) == 1 else 'features'} {names}")
    return ", ".join(words)


def _works(service: _Json) -> str:
    """Say what may be begun now; empty where it is not told in known words."""
    return _WORKS.get((_text(service, "batch"), _text(service, "streams")), "")


def _addons(data: JsonValue) -> list[AddOn]:
    found = []
    for one in data if isinstance(data, list) else []:
        if isinstance(one, dict):
            exp, through = _moment(one.get("exp")), _day(one.get("valid_through"))
            words = capacity_words(one)
            found.append(AddOn(_text(one, "serial"), through, exp, words))
    return found


def _usage(ledger: _Json) -> UsageView:
    since = _inner(ledger, "since_ack")
    audio_ms = _whole(since.get("audio_ms"))
    return UsageView(
        records=_whole(ledger.get("records")),
        report_due_s=_whole(ledger.get("report_due")),
        lossy=ledger.get("lossy") is True,
        audio_s=None if audio_ms is None else audio_ms / 1000,
        requests=_whole(since.get("requests")),
    )


def _host(match: _Json) -> str:
    """Say how well the machine was recognized, and by what it was not."""
    verdict = _text(match, "verdict")
    words = [host_words(verdict)] if verdict else []
    matched, enrolled = (
        _whole(match.get("matched_weight")),
        _whole(match.get("enrolled_weight")),
    )
    if verdict != "unbound" and enrolled:
        words.append(f"{matched or 0} of {enrolled} points")
    for name in ("changed", "unreadable"):
        groups = match.get(name)
        if isinstance(groups, list) and groups:
            names = ", ".join(str(group).replace("_", " ") for group in groups)
            words.append(f"{name}: {names}")
    return ", ".join(words)


def _inner(data: _Json, name: str) -> _Json:
    inner = data.get(name)
    return inner if isinstance(inner, dict) else {}


def _text(data: _Json, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _whole(value: JsonValue) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _day(value: JsonValue) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


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
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None  # no zone of the world may carry it out of the calendar
    return found.replace(tzinfo=found.tzinfo or UTC)
