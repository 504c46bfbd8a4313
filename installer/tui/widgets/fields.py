"""Fields of a form: free text and a choice of words."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static
from typing_extensions import override

from installer.tui import paint
from installer.tui.look import look_of


class TextEntry(Input):
    """A line of text that arrows, Enter and Esc leave."""

    takes_letters = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Accept"),
        Binding("escape", "to_actions", "Actions"),
        Binding("up", "before", "Previous field", show=False),
        Binding("down", "after", "Next field", show=False),
    ]

    def __init__(self, value: str, *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(value, id=id, compact=True)
        self.cursor_blink = False

    def action_to_actions(self) -> None:
        """Go from the fields to the actions."""
        self.screen.focus_next("ActionItem")

    def action_before(self) -> None:
        """Focus what comes before."""
        self.screen.focus_previous()

    def action_after(self) -> None:
        """Focus what comes after."""
        self.screen.focus_next()


class WordChoice(Static, can_focus=True):
    """One of a few words; left and right change it.

    All words are shown, the chosen one marked; `alone` shows only that one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Change", key_display="Left/Right"),
        Binding("right,space", "turn(1)", "Change", show=False),
        Binding("up", "before", "Previous field", show=False),
        Binding("down,enter", "after", "Next field", show=False),
    ]
    value: reactive[str] = reactive("")

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: "WordChoice") -> None:
            super().__init__()
            self.choice = choice

        @property
        @override
        def control(self) -> "WordChoice":
            return self.choice

    def __init__(
        self,
        words: tuple[str, ...],
        value: str,
        *,
        alone: bool = False,
        id: str | None = None,  # noqa: A002  Textual's name
    ) -> None:
        super().__init__(id=id)
        self.words = words
        self._alone = alone
        self.set_reactive(WordChoice.value, value)

    @override
    def render(self) -> Content:
        glyphs = look_of(self).glyphs
        parts = [
            (
                f"[{word}]" if word == self.value else f" {word} ",
                "bold $primary reverse" if word == self.value else paint.MUTED,
            )
            for word in self.words
            if not self._alone or word == self.value
        ]
        return Content.assemble(f"{glyphs.left} ", *parts, f" {glyphs.right}")

    def on_click(self, _event: events.Click) -> None:
        """Do with the mouse what Enter does."""
        self.action_turn(1)

    def action_turn(self, by: int) -> None:
        """Choose the word that many places on."""
        at = self.words.index(self.value) if self.value in self.words else 0
        self.value = self.words[(at + by) % len(self.words)]
        self.post_message(self.Changed(self))

    def action_before(self) -> None:
        """Focus what comes before."""
        self.screen.focus_previous()

    def action_after(self) -> None:
        """Focus what comes after."""
        self.screen.focus_next()


class Field(Horizontal):
    """A label, an entry, and a mark for the field one is in."""

    def __init__(self, label: str, entry: TextEntry | WordChoice) -> None:
        super().__init__()
        self._label = label
        self.entry = entry

    @override
    def compose(self) -> ComposeResult:
        yield Static(" ", classes="field-mark")
        yield Static(self._label, classes="field-label")
        yield Static("[", classes="field-edge", markup=False)
        yield self.entry
        yield Static("]", classes="field-edge", markup=False)

    def on_descendant_focus(self) -> None:
        """Mark the field one is in."""
        self.query_one(".field-mark", Static).update(look_of(self).glyphs.pointer)

    def on_descendant_blur(self) -> None:
        """Take the mark away."""
        self.query_one(".field-mark", Static).update(" ")
