"""The page as data: sections of cards of rows, in plain words.

Python decides what is said, the browser only draws it. A row without a value
says why; a section without a card says why it is empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.findings import Finding, Severity


class Level(StrEnum):
    """How a card or the headline stands; always shown as a word too."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def worst(*levels: Level) -> Level:
    """Return the worst of several levels."""
    order = list(Level)
    return max(levels, key=order.index, default=Level.OK)


def level_of(severity: Severity) -> Level:
    """Translate the severity of a finding."""
    return Level(severity.value)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a card.

    Attributes:
        percent: draws a bar, 0 to 100; None draws none.
        known: False where the value is words for "not available".
    """

    label: str
    value: str
    note: str = ""
    percent: float | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """One thing: a service, a GPU, the license."""

    title: str
    level: Level
    state: str
    rows: tuple[Row, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its cards, or the reason why there are none."""

    name: str
    title: str
    cards: tuple[Card, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows at `taken_at` (seconds since 1970)."""

    taken_at: float
    level: Level
    headline: str
    facts: tuple[Row, ...]
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
