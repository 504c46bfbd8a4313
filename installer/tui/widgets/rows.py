"""A list of rows with a highlight, for arrows and screen readers alike."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.screen import Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from typing_extensions import override

from installer.tui.look import look_of


def place_cursor(screen: Screen[Any]) -> None:
    """Put the terminal's cursor on what has the focus, for screen readers."""
    match screen.focused:
        case None:
            return
        case RowList() as rows:
            screen.app.cursor_position = rows.cursor_place
        case widget:
            screen.app.cursor_position = widget.content_region.offset


class RowList(OptionList):
    """Rows that keep their highlight while their texts change.

    The highlighted row carries a pointer besides its color, the terminal's
    cursor follows it, and the arrows leave the list at its ends.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Choose", show=False)
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, compact=True)
        self._rows: tuple[Content, ...] = ()
        self._marked: int | None = None

    def show(self, rows: Sequence[Content]) -> None:
        """Show rows; texts are replaced in place when their number is the same."""
        self._rows = tuple(rows)
        if len(rows) != self.option_count:
            keep = self.highlighted
            self.set_options([Option(self._prompt(i)) for i in range(len(rows))])
            if rows:
                self.highlighted = min(keep or 0, len(rows) - 1)
        for index in range(len(rows)):
            self._draw(index)

    def _prompt(self, index: int) -> Content:
        pointer = look_of(self).glyphs.pointer
        here = index == self.highlighted
        return Content.assemble(pointer if here else " ", " ", self._rows[index])

    def _draw(self, index: int | None) -> None:
        if index is None or not 0 <= index < self.option_count:
            return
        prompt = self._prompt(index)
        if self.get_option_at_index(index).prompt != prompt:
            self.replace_option_prompt_at_index(index, prompt)

    @override
    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        self._draw(self._marked)
        self._draw(highlighted)
        self._marked = highlighted
        if self.has_focus:
            self.call_after_refresh(place_cursor, self.screen)

    def on_resize(self) -> None:
        """Keep the highlighted row in view."""
        self.scroll_to_highlight()

    @property
    def cursor_place(self) -> Offset:
        """Return where on the screen the highlighted row begins."""
        row = (self.highlighted or 0) - self.scroll_offset.y
        return self.content_region.offset + Offset(0, row)

    @override
    def action_cursor_up(self) -> None:
        if self.highlighted in (None, 0):
            self.screen.focus_previous()
        else:
            super().action_cursor_up()

    @override
    def action_cursor_down(self) -> None:
        if self.highlighted is None or self.highlighted >= self.option_count - 1:
            self.screen.focus_next()
        else:
            super().action_cursor_down()
