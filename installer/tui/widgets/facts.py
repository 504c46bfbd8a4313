"""A table of facts: a label and a value a line."""

import textwrap
from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from installer.tui import paint

Fact = tuple[str, str | Content]


MARGINS = 8


def hanging(value: str | Content, room: int, indent: int) -> str | Content:
    """Break a long text into lines that begin below its first word."""
    if isinstance(value, Content) or len(value) <= room:
        return value
    return ("\n" + " " * indent).join(textwrap.wrap(value, room))


class Facts(Static):
    """Aligned labels and values; empty until there is something to show."""

    def show(self, facts: Sequence[Fact], *, width: int = 16) -> None:
        """Show facts in the given order, labels `width` cells wide."""
        room = max(20, self.app.size.width - MARGINS - width)
        lines = [
            Content.assemble(
                (paint.pad(label, width), paint.MUTED), hanging(value, room, width)
            )
            for label, value in facts
        ]
        self.update(Content("\n").join(lines))
