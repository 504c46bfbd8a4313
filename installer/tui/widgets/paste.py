"""A box for text that is pasted, or typed by a hand-held scanner.

Tab and Esc leave it; so do the arrows at its first and last line.
"""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea
from typing_extensions import override

from offline_license.scanner import begins_scanner_text

MOST_CHARACTERS = 96 * 1024
SCANNED_LINE = 42
"""Characters of a full line of the printed form; the last one is mostly shorter."""

_ENDS = ("-----END ",)
_QR_START = "ANX"


def _own_bindings() -> list[BindingType]:
    """Return a text area's keys without those that pages use, or that leave it."""
    taken = {"f6", "f7", "up", "down", "escape"}
    usual = (one for one in TextArea.BINDINGS if isinstance(one, Binding))
    return [one for one in usual if one.key not in taken]


class PasteBox(TextArea, inherit_bindings=False):
    """Several lines of text that nobody edits; only that it is all there counts."""

    takes_letters = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "to_actions", "Actions"),
        Binding("up", "before", "Previous field", show=False),
        Binding("down", "after", "Next field", show=False),
        *_own_bindings(),
    ]

    class Complete(Message):
        """Something whole may have arrived: it was pasted, or a line has ended."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(
            "",
            id=id,
            compact=True,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
        )
        self.cursor_blink = False

    @override
    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()  # else the text area takes it a second time
        await super()._on_paste(events.Paste(event.text[:MOST_CHARACTERS]))
        self.post_message(self.Complete())

    def on_key(self, event: events.Key) -> None:
        """Notice the end of what a scanner types."""
        if event.key == "enter" and whole_line(self.text):
            self.call_after_refresh(self.post_message, self.Complete())

    def action_to_actions(self) -> None:
        """Go from the box to the actions."""
        self.screen.focus_next("ActionItem")

    def action_before(self) -> None:
        """Go up, and out at the first line."""
        if self.cursor_at_first_line:
            self.screen.focus_previous()
        else:
            self.action_cursor_up()

    def action_after(self) -> None:
        """Go down, and out at the last line."""
        if self.cursor_at_last_line:
            self.screen.focus_next()
        else:
            self.action_cursor_down()


def whole_line(text: str) -> bool:
    """Tell whether the line that just ended may end something whole."""
    lines = text.rstrip().splitlines()
    last = lines[-1].strip() if lines else ""
    short = len(lines) > 1 and len(last) < SCANNED_LINE
    return last.startswith((*_ENDS, _QR_START)) or (short and begins_scanner_text(text))
