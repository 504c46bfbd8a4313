"""Keys of the page one came from, read from its bindings, and a few facts."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.tui import paint, text
from installer.tui.screens.dialog import Dialog
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.chrome import key_name

FRAMEWORK = frozenset({"tab", "shift+tab", "ctrl+z", "ctrl+c", "super+c", "ctrl+p"})


class HelpScreen(Dialog[None]):
    """What the page is for and every key that works on it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "close", "Close", show=False),
        Binding("question_mark", "close", "Close", show=False),
        Binding("f1", "close", "Close", show=False),
    ]

    def __init__(self, topic: str, keys: list[tuple[str, str]]) -> None:
        super().__init__("Help", text.HELP.get(topic, ""), (Choice("close", "Close"),))
        self._keys = keys

    @override
    def body(self) -> Iterable[Widget]:
        half = (len(self._keys) + 1) // 2
        columns = [self._keys[:half], self._keys[half:]]
        lines = []
        for row in range(half):
            cells = [_cell(*column[row]) for column in columns if row < len(column)]
            lines.append(Content("").join(cells))
        yield Static(Content("\n").join(lines), id="help-keys")
        yield Static("\n".join(text.HELP_FACTS), id="help-facts")


def _cell(key: str, what: str) -> Content:
    return Content.assemble((f"{key:<12}", "bold $primary"), paint.pad(what, 22))


def help_keys(screen: Screen[Any]) -> list[tuple[str, str]]:
    """Return every key of a page with what it does; twins share a line."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        own = isinstance(active.node, App | Screen) and binding.key not in FRAMEWORK
        if active.enabled and own and binding.description:
            keys.setdefault(binding.description, []).append(key_name(binding))
    lines = [(" ".join(names[:2]), what) for what, names in keys.items()]
    return [*text.MOVING_KEYS, *lines]
