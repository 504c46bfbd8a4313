"""The one widget that shows a finding, wherever it comes from."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding, Severity
from installer.tui import paint
from installer.tui.look import look_of

PARTS: Final = (("seen", "Seen"), ("means", "Means"), ("do", "Do"))
WORST_FIRST: Final = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class FindingView(VerticalScroll, can_focus=False):
    """What was seen, what it means and what to do, of one finding.

    Args:
        titled: show the title too; not needed beside a list that shows it.
    """

    def __init__(self, *, titled: bool = True) -> None:
        super().__init__()
        self._titled = titled
        self.finding: Finding | None = None

    @override
    def compose(self) -> ComposeResult:
        yield Static(id="finding-title")
        for part, label in PARTS:
            with Horizontal(id=f"finding-{part}", classes="finding-part"):
                yield Static(label, classes="finding-label")
                yield Static(classes="finding-words", markup=False)

    def on_mount(self) -> None:
        """Show what was given before there was a screen."""
        self.show(self.finding)

    def show(self, finding: Finding | None) -> None:
        """Show a finding, or nothing."""
        self.finding = finding
        self.display = finding is not None
        self.screen.refresh_bindings()
        if finding is None or not self.is_mounted:
            return
        for severity in Severity:
            self.set_class(severity is finding.severity, f"-{severity.value}")
        title = self.query_one("#finding-title", Static)
        title.display = self._titled
        title.update(paint.finding_line(finding, look_of(self).glyphs))
        words = (finding.evidence, finding.meaning, finding.remedy)
        for (part, _), text in zip(PARTS, words, strict=True):
            row = self.query_one(f"#finding-{part}")
            row.display = bool(text)
            row.query_one(".finding-words", Static).update(text)
        self.scroll_home(animate=False)
