"""The one widget that shows a finding, wherever it comes from."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding
from installer.tui import paint
from installer.tui.look import look_of


class FindingView(VerticalScroll, can_focus=False):
    """What was seen, what it means and what to do, of one finding."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._finding: Finding | None = None

    @override
    def compose(self) -> ComposeResult:
        yield Static(id="finding-title")
        for part in ("seen", "means", "do"):
            yield Static(id=f"finding-{part}", classes="finding-part")

    def on_mount(self) -> None:
        self.show(self._finding)

    def show(self, finding: Finding | None) -> None:
        """Show a finding, or nothing."""
        self._finding = finding
        self.display = finding is not None
        if finding is None or not self.is_mounted:
            return
        glyphs = look_of(self).glyphs
        title = paint.finding_line(finding, glyphs)
        self.query_one("#finding-title", Static).update(title)
        for part, label, text, style in (
            ("seen", "Seen", finding.evidence, ""),
            ("means", "Means", finding.meaning, ""),
            ("do", "Do", finding.remedy, "bold"),
        ):
            line = self.query_one(f"#finding-{part}", Static)
            line.update(labeled(label, text, style))
            line.display = bool(text)
        self.scroll_home(animate=False)


def labeled(label: str, text: str, style: str = "") -> Content:
    """Return a short label and a text; the widget wraps it."""
    return Content.assemble((f"{label:<7}", paint.MUTED), (text, style))
