"""How the screens look: colors, characters, refresh interval."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual.widget import Widget
from typing_extensions import override

from installer.tui.look import INTERVALS_S, Look, look_of
from installer.tui.screens.dialog import Dialog
from installer.tui.themes import THEME_NAMES
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.fields import Field, WordChoice

if TYPE_CHECKING:
    from installer.tui.app import AnechoicApp

LINES, ASCII_WORD = "lines", "ASCII only"


class DisplayDialog(Dialog[None]):
    """Three choices that take effect at once."""

    def __init__(self) -> None:
        super().__init__(
            "Display",
            "On a serial line choose ASCII and a slow refresh.",
            (Choice("close", "Close"),),
        )

    @override
    def body(self) -> Iterable[Widget]:
        look = look_of(self)
        theme = THEME_NAMES.get(self.app.theme, "dark")
        yield Field(
            "Colors",
            WordChoice(tuple(THEME_NAMES.values()), theme, id="theme", alone=True),
        )
        yield Field(
            "Characters",
            WordChoice(
                (LINES, ASCII_WORD), ASCII_WORD if look.basic else LINES, id="chars"
            ),
        )
        yield Field(
            "Refresh",
            WordChoice(
                tuple(f"{one} s" for one in INTERVALS_S),
                f"{look.interval_s} s",
                id="interval",
            ),
        )

    @override
    def focus_likely(self) -> None:
        self.query_one("#theme").focus()

    def on_word_choice_changed(self, message: WordChoice.Changed) -> None:
        """Apply the choice."""
        owner = cast("AnechoicApp", self.app)
        value = message.choice.value
        match message.choice.id:
            case "theme":
                self.app.theme = next(
                    name for name, words in THEME_NAMES.items() if words == value
                )
            case "chars":
                owner.look = Look(value == ASCII_WORD, owner.look.interval_s)
            case _:
                owner.look = Look(owner.look.basic, int(value.removesuffix(" s")))
