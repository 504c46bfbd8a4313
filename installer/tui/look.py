"""How the screens look just now: glyph table and refresh interval."""

from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

from textual.dom import DOMNode

from installer.tui.face import Face
from installer.tui.glyphs import Glyphs, glyphs_for

INTERVALS_S = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Look:
    """What the operator may change about the display while it runs."""

    basic: bool
    interval_s: int

    @property
    def glyphs(self) -> Glyphs:
        """Return the glyph table to draw with."""
        return glyphs_for(basic=self.basic)

    @classmethod
    def of(cls, face: Face) -> "Look":
        """Return the look a terminal starts with."""
        return cls(basic=face.basic, interval_s=face.interval_s)


@runtime_checkable
class HasLook(Protocol):
    """An application that carries a look."""

    look: Look


def look_of(node: DOMNode) -> Look:
    """Return the look of the application this node belongs to."""
    return cast("HasLook", node.app).look
