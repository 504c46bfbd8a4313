"""A box over the page: a question with choices."""

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.tui.widgets.actions import ActionItem, ActionRow, Choice
from installer.tui.widgets.chrome import KeyLine
from installer.tui.widgets.rows import place_cursor

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A title, a body and choices; Esc closes it without an answer."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]

    def __init__(self, title: str, words: str, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self._heading = title
        self._words = words
        self._choices = choices

    @override
    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self._heading, id="dialog-title")
            if self._words:
                yield Static(self._words, id="dialog-words")
            yield from self.body()
            yield Static(id="notice")
            yield ActionRow(self._choices)
            yield KeyLine()

    def body(self) -> Iterable[Widget]:
        """Yield the widgets between words and choices."""
        return ()

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.focus_likely()

    def focus_likely(self) -> None:
        """Put the focus on what is most likely wanted first."""
        self.query_one(ActionRow).focus_first()

    def on_descendant_focus(self) -> None:
        """Have the terminal's cursor follow the focus."""
        self.call_after_refresh(place_cursor, self)

    async def on_action_item_taken(self, message: ActionItem.Taken) -> None:
        """Run the action the operator took."""
        await self.run_action(message.action)

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Confirm(Dialog[bool]):
    """A question answered by yes or by staying."""

    def __init__(self, title: str, words: str, *, yes: str, no: str) -> None:
        super().__init__(title, words, (Choice("close", no), Choice("yes", yes)))

    def action_yes(self) -> None:
        """Close with a yes."""
        self.dismiss(True)
