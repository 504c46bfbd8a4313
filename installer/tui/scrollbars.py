"""A scroll bar that needs no glyph: colored or reversed cells only."""

from typing import ClassVar

from textual.scrollbar import ScrollBarRender

_BLANK = [" "] * 8


class PlainScrollBar(ScrollBarRender):
    """Whole cells in place of the eighths that console fonts lack."""

    VERTICAL_BARS: ClassVar[list[str]] = _BLANK
    HORIZONTAL_BARS: ClassVar[list[str]] = _BLANK
