"""A QR code in cells: black on white whatever the colors of the screen are.

Half blocks put two modules above each other into one cell; every console font carries
them. Full blocks are blanks with a background, two a module, for terminals that leave
a gap between lines, or know no letters beyond ASCII. Without color the letters
themselves draw the light modules, as on a dark screen; inverting suits a light one.
"""

from enum import StrEnum
from typing import Final

from textual.content import Content
from textual.widgets import Static

from installer.qr import Code

DARK, LIGHT = "#000000", "#ffffff"
ANSI_DARK, ANSI_LIGHT = "ansi_black", "ansi_bright_white"
_HALVES: Final = {
    (False, False): " ",
    (True, False): "▀",
    (False, True): "▄",
    (True, True): "█",
}


class Blocks(StrEnum):
    """How a module is drawn."""

    HALF = "half blocks"
    FULL = "full blocks"


class Ink(StrEnum):
    """What makes a module dark: true color, one of 16 colors, or no color at all."""

    TRUE = "true"
    ANSI = "ansi"
    NONE = "none"


class QrView(Static):
    """A code with its quiet zone, or words in its place."""

    def show(
        self, code: Code, quiet: int, blocks: Blocks, ink: Ink, *, inverted: bool
    ) -> None:
        """Draw a code."""
        self.set_class(False, "-words")
        self.update(drawn(code, quiet, blocks, ink, inverted=inverted))

    def say(self, words: str) -> None:
        """Show words: the code does not fit, or its text is wanted."""
        self.set_class(True, "-words")
        self.update(Content(words))


def drawn(
    code: Code, quiet: int, blocks: Blocks, ink: Ink, *, inverted: bool = False
) -> Content:
    """Return a code as lines of cells."""
    rows = code.framed(quiet)
    if ink is Ink.NONE and not inverted:  # letters are light there
        rows = tuple(tuple(not one for one in row) for row in rows)
    if blocks is Blocks.HALF:
        return _halves(rows, ink, filler=ink is Ink.NONE and not inverted)
    return _fulls(rows, ink)


def _halves(rows: tuple[tuple[bool, ...], ...], ink: Ink, *, filler: bool) -> Content:
    if len(rows) % 2:
        rows = (*rows, (filler,) * len(rows[0]))
    lines = [
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
    return Content.styled("\n".join(lines), _style(ink))


def _fulls(rows: tuple[tuple[bool, ...], ...], ink: Ink) -> Content:
    """Draw with backgrounds alone; without color, by reversing blanks."""
    dark, light = _colors(ink)
    inks = {True: f"{dark} on {dark}", False: f"{light} on {light}"}
    if ink is Ink.NONE:
        inks = {True: "reverse", False: ""}
    return Content("\n").join(
        Content.assemble(*(("  ", inks[one]) for one in row)) for row in rows
    )


def _style(ink: Ink) -> str:
    dark, light = _colors(ink)
    return "" if ink is Ink.NONE else f"{dark} on {light}"


def _colors(ink: Ink) -> tuple[str, str]:
    return (DARK, LIGHT) if ink is Ink.TRUE else (ANSI_DARK, ANSI_LIGHT)
