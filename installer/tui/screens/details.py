"""Findings in full: everything that was seen, to be scrolled through."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding
from installer.tui import formats, paint
from installer.tui.look import look_of
from installer.tui.screens.dialog import Dialog
from installer.tui.widgets.actions import Choice


class FindingsDialog(Dialog[None]):
    """All findings of a page, whole; the arrows scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "close", "Close", show=False),
        Binding("q", "close", "Close", show=False),
    ]

    def __init__(self, findings: Sequence[Finding]) -> None:
        heading = formats.count(len(findings), "finding")
        super().__init__(heading, "", (Choice("close", "Close"),))
        self._findings = tuple(findings)

    @override
    def body(self) -> Iterable[Widget]:
        glyphs = look_of(self).glyphs
        texts = [whole(one, paint.finding_line(one, glyphs)) for one in self._findings]
        yield VerticalScroll(Static(Content("\n\n").join(texts)), id="details")

    @override
    def focus_likely(self) -> None:
        self.query_one("#details").focus()


def whole(finding: Finding, title: Content) -> Content:
    """Return every word of a finding under its title."""
    parts = (
        ("Seen", finding.evidence),
        ("Means", finding.meaning),
        ("Do", finding.remedy),
    )
    lines = [
        Content.assemble((f"{label}: ", paint.MUTED), words)
        for label, words in parts
        if words
    ]
    return Content("\n").join([title, *lines])
