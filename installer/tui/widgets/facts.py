"""A table of facts: a label and a value a line."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from installer.tui import paint

Fact = tuple[str, str | Content]


class Facts(Static):
    """Aligned labels and values; empty until there is something to show."""

    def show(self, facts: Sequence[Fact], *, width: int = 16) -> None:
        """Show facts in the given order, labels `width` cells wide."""
        lines = [
            Content.assemble((paint.pad(label, width), paint.MUTED), value)
            for label, value in facts
        ]
        self.update(Content("\n").join(lines))
