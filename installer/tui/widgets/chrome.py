"""The frame of every screen: title line, stage rail, notice line, key line."""

from typing import Any

from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from typing_extensions import override

from installer.tui import paint
from installer.tui.glyphs import Glyphs
from installer.tui.look import look_of
from installer.tui.state import RAIL, Stage

DROPPED_FIRST = ("Display", "Next", "Request", "Save", "Look", "More")
KEY_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "question_mark": "?",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "space": "Space",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


class TitleLine(Static):
    """Product, what this screen is, and the host it is about."""

    def __init__(self, title: str, host: str) -> None:
        super().__init__()
        self._words = title
        self._host = host

    @override
    def render(self) -> Content:
        wedge = look_of(self).glyphs.wedge
        left = f"  {wedge} Anechoic  {self._words}"
        gap = max(2, self.size.width - len(left) - len(self._host) - 2)
        return Content.assemble(
            (f"  {wedge} ", "bold $accent"),
            ("Anechoic", "bold $primary"),
            (f"  {self._words}{' ' * gap}{self._host}  ", paint.MUTED),
        )


class StageRail(Static):
    """The stages of the wizard, the present one marked."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    @override
    def render(self) -> Content:
        return rail(self._stage, look_of(self).glyphs)


def rail(present: Stage, glyphs: Glyphs) -> Content:
    """Return the line of stages: done, present, to come."""
    parts: list[Content] = []
    at = RAIL.index(present) if present in RAIL else -1
    for index, stage in enumerate(RAIL):
        if index < at:
            part = Content.assemble(
                (glyphs.done, "$success"), (stage.value, "$foreground")
            )
        elif index == at:
            part = Content.assemble(
                (glyphs.running, "bold $primary"), (stage.value, "bold $primary")
            )
        else:
            part = Content.assemble(
                (glyphs.pending, "$rail"), (stage.value, paint.MUTED)
            )
        parts.append(part)
    return Content.assemble(" ", Content(" ").join(parts))


class KeyLine(Static):
    """The keys that work right now, read from the active bindings themselves."""

    def on_mount(self) -> None:
        """Follow changes of the bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[Any]) -> None:
        self.refresh(layout=False)

    @override
    def render(self) -> Content:
        keys = fitting(shown_keys(self.screen), self.size.width)
        parts = [
            Content.assemble((key, "bold $primary"), " ", (what, paint.MUTED))
            for key, what in keys
        ]
        return Content("  ").join(parts)


def fitting(keys: list[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Leave out what can be looked up in the help, until the line fits."""
    kept = list(keys)
    for what in DROPPED_FIRST:
        if sum(len(key) + len(words) + 3 for key, words in kept) - 2 <= width:
            break
        kept = [one for one in kept if one[1] != what]
    return kept


def shown_keys(screen: Screen[Any]) -> list[tuple[str, str]]:
    """Return key and description of each action once, the focused widget's first."""
    seen: dict[str, tuple[str, str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if active.enabled and binding.description and _visible(binding, screen):
            seen.setdefault(binding.action, (key_name(binding), binding.description))
    return list(seen.values())


def _visible(binding: Binding, screen: Screen[Any]) -> bool:
    """Hide what is hidden, and a function key while its letter works."""
    if binding.show:
        return True
    typing = getattr(screen.focused, "takes_letters", False)
    return typing and binding.key.startswith("f") and binding.key[1:].isdigit()


def key_name(binding: Binding) -> str:
    """Return a key as printed on a keyboard, in ASCII."""
    if binding.key_display:
        return binding.key_display
    key = binding.key
    if key in KEY_NAMES:
        return KEY_NAMES[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key[5:].upper()}"
    return key.upper() if key.startswith("f") and key[1:].isdigit() else key


class TooSmall(Static):
    """What a terminal below 80x24 shows in place of the screen."""

    @override
    def render(self) -> Content:
        size = self.app.size
        return Content.assemble(
            ("This terminal is too small\n", "bold $warning"),
            f"It is {size.width}x{size.height}; 80x24 is needed.\n\n",
            "Enlarge it, or leave with Ctrl+Q and use:\n",
            ("anechoic status", "bold $primary"),
        )


__all__ = [
    "KeyLine",
    "StageRail",
    "TitleLine",
    "TooSmall",
    "key_name",
    "rail",
    "shown_keys",
]
