"""The row of things an operator can do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from typing_extensions import override

from installer.tui.look import look_of


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to do: the screen's action to run and its label."""

    action: str
    label: str


def item_id(action: str) -> str:
    """Return the widget id of an action's item."""
    return "do-" + action.replace("_", "-").replace(".", "-")


class ActionItem(Static, can_focus=True):
    """One choice; Enter or Space takes it.

    Where backgrounds have no color, brackets show what can be taken.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "take", "Choose", key_display="Enter"),
        Binding("left,up", "before", "Previous", show=False),
        Binding("right,down", "after", "Next", show=False),
    ]

    class Taken(Message):
        """The operator took this choice."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, choice: Choice) -> None:
        super().__init__(id=item_id(choice.action))
        self.choice = choice

    @override
    def render(self) -> Content:
        glyphs = look_of(self).glyphs
        mark = glyphs.pointer if self.has_focus else " "
        if not self.app.native_ansi_color:
            return Content(f" {mark} {self.choice.label}  ")
        return Content(
            f"({self.choice.label})"
            if self.disabled
            else f"[{mark}{self.choice.label} ]"
        )

    def on_focus(self) -> None:
        """Draw with the pointer."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw without the pointer."""
        self.refresh()

    def on_click(self, _event: events.Click) -> None:
        """Do with the mouse what Enter does."""
        self.action_take()

    def action_take(self) -> None:
        """Tell the screen what was chosen."""
        if not self.disabled:
            self.post_message(self.Taken(self.choice.action))

    def action_before(self) -> None:
        """Focus what comes before."""
        self.screen.focus_previous()

    def action_after(self) -> None:
        """Focus what comes after."""
        self.screen.focus_next()


class ActionRow(Horizontal):
    """The choices of a screen, the likely one first."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._choices = tuple(choices)

    @override
    def compose(self) -> ComposeResult:
        for choice in self._choices:
            yield ActionItem(choice)

    def item(self, action: str) -> ActionItem:
        """Return the item of one action."""
        return self.query_one(f"#{item_id(action)}", ActionItem)

    def allow(self, action: str, *, allowed: bool) -> None:
        """Permit or forbid an action."""
        self.item(action).disabled = not allowed

    def focus_first(self) -> None:
        """Focus the first choice that is permitted."""
        for item in self.query(ActionItem):
            if not item.disabled and item.display:
                item.focus()
                return
