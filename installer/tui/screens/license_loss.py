"""What a license would take away: nothing is lost without the word for it."""

from collections.abc import Iterable, Sequence
from typing import Final

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static
from typing_extensions import override

from installer.tui import text
from installer.tui.screens.dialog import Dialog
from installer.tui.widgets.actions import ActionRow, Choice
from installer.tui.widgets.fields import Field, TextEntry

WORD: Final = "YES"


class LossDialog(Dialog[bool]):
    """The losses, a field for the word, and a button that needs it."""

    def __init__(self, gains: Sequence[str], losses: Sequence[str]) -> None:
        super().__init__(
            text.LOSS_TITLE,
            text.LOSS_WORDS,
            (Choice("accept", "Install it"), Choice("close", "Keep what is here")),
        )
        self._gains, self._losses = tuple(gains), tuple(losses)

    @override
    def body(self) -> Iterable[Widget]:
        yield Static(changes(self._gains, self._losses), id="loss-lines")
        yield Field(f"Type {WORD}", TextEntry("", id="word"))

    @override
    def focus_likely(self) -> None:
        self.query_one(ActionRow).allow("accept", allowed=False)
        self.query_one(TextEntry).focus()

    def _said(self) -> bool:
        return self.query_one(TextEntry).value.strip() == WORD

    def on_input_changed(self, _message: Input.Changed) -> None:
        """Permit installing once the word stands there."""
        self.query_one(ActionRow).allow("accept", allowed=self._said())

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Accept by Enter as well."""
        message.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Close with the consent."""
        if self._said():
            self.dismiss(True)


def changes(gains: Sequence[str], losses: Sequence[str]) -> Content:
    """Return gains and losses as lines, each with its sign and a word."""
    return Content("\n").join(
        [
            *(_line("- loses ", one, "bold $error") for one in losses),
            *(_line("+ gains ", one, "$success") for one in gains),
        ]
    )


def _line(sign: str, words: str, style: str) -> Content:
    return Content.styled(f"{sign} {words.removeprefix('+').removeprefix('-')}", style)
