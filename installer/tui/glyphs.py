"""Every glyph the screens draw, in one table with an ASCII column.

The rich column keeps to characters that common terminal fonts carry; the ASCII
column is for the Linux console, serial lines and non-UTF-8 locales. A glyph
never stands alone: a word beside it says the same. Marks are three cells wide
in both columns, so that layouts do not move when the table changes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One column of the table."""

    done: str
    running: str
    pending: str
    failed: str
    skipped: str
    warning: str
    info: str
    pointer: str
    bar_full: str
    bar_empty: str
    rule: str
    wedge: str
    dot: str
    ellipsis: str
    left: str
    right: str
    spinner: tuple[str, ...]


RICH = Glyphs(
    done=" ✓ ",
    running=" ▸ ",
    pending=" · ",
    failed=" ✗ ",
    skipped=" – ",  # noqa: RUF001  a glyph
    warning=" ! ",
    info=" ✓ ",
    pointer="▸",
    bar_full="━",
    bar_empty="─",
    rule="─",
    wedge="╱╲",  # noqa: RUF001  a glyph
    dot="·",
    ellipsis="…",
    left="◂",
    right="▸",
    spinner=(" ◐ ", " ◓ ", " ◑ ", " ◒ "),
)

ASCII = Glyphs(
    done="[x]",
    running="[>]",
    pending="[ ]",
    failed="[!]",
    skipped="[-]",
    warning="[*]",
    info="[x]",
    pointer=">",
    bar_full="#",
    bar_empty=".",
    rule="-",
    wedge="/\\",
    dot="-",
    ellipsis="...",
    left="<",
    right=">",
    spinner=("[|]", "[/]", "[-]", "[\\]"),
)


def glyphs_for(*, basic: bool) -> Glyphs:
    """Return the column to draw with."""
    return ASCII if basic else RICH
