"""What was found on the machine, to be chosen instead of typed."""

from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from typing_extensions import override

from installer.tui.widgets.rows import RowList


class Candidates(Vertical):
    """A list of paths, or the reason why it is empty.

    Args:
        heading: what the paths are.
        reason: what to say when there are none, with what to do instead.
    """

    class Chosen(Message):
        """The operator chose a path."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self, heading: str, reason: str) -> None:
        super().__init__()
        self._heading = heading
        self._reason = reason
        self.paths: tuple[Path, ...] = ()

    @override
    def compose(self) -> ComposeResult:
        yield Static(self._heading, classes="section")
        yield RowList()
        yield Static(classes="reason")

    def show(self, paths: Sequence[Path], *, looked: bool) -> None:
        """Show what was found; before a search is over, neither list nor reason."""
        self.paths = tuple(paths)
        rows, reason = self.query_one(RowList), self.query_one(".reason", Static)
        rows.show([Content(str(path)) for path in paths])
        rows.display = bool(paths)
        reason.update(self._reason if looked and not paths else "")

    def focus_list(self) -> None:
        """Move the focus to the first path."""
        self.query_one(RowList).focus()

    def on_option_list_option_selected(
        self, message: OptionList.OptionSelected
    ) -> None:
        """Pass the choice on as a path."""
        message.stop()
        self.post_message(self.Chosen(self.paths[message.option_index]))
