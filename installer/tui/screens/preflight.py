"""The machine's checks: a tick list, and the highlighted one explained."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from typing_extensions import override

from installer.findings import Finding, Severity
from installer.settings import Settings, SettingsInvalidError
from installer.tui import formats, paint, text
from installer.tui.screens.page import WizardPage
from installer.tui.state import Stage, stops
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.finding import FindingView
from installer.tui.widgets.rows import RowList

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class PreflightScreen(WizardPage):
    """Findings of the machine, the worst first."""

    topic = "preflight"
    stage = Stage.CHECKS
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("next", "Continue"),
        Choice("recheck", "Check again"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "recheck", "Check"),
        Binding("f5", "recheck", "Check", show=False),
    ]

    @override
    def body(self) -> Iterable[Widget]:
        yield RowList(id="findings")
        yield FindingView(titled=False)

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.refill()
        if self.state.findings is None:
            self.action_recheck()
        else:
            self._focus_likely()

    @override
    def refill(self) -> None:
        shown = self._sorted()
        rows = [paint.finding_line(finding, self.glyphs) for finding in shown]
        if self.state.findings == ():
            rows = [Content.styled(text.NO_FINDINGS, "$success")]
        self.query_one(RowList).show(rows)
        self._explain(self.query_one(RowList).highlighted)
        if self.state.findings is not None:
            self.notice(summary(shown))

    def action_recheck(self) -> None:
        """Look at the machine again; the old result stays until the new one is here."""
        engine, settings = self.owner.engine, self._settings()
        self.ask(
            text.CHECKING,
            lambda: engine.preflight(settings),
            then=self._found,
            refused=self._refused,
        )

    def action_next(self) -> None:
        """Go on to the medium."""
        self.owner.go(Stage.MEDIUM)

    def on_option_list_option_highlighted(
        self, message: OptionList.OptionHighlighted
    ) -> None:
        """Explain the highlighted finding."""
        self._explain(message.option_index)

    def _settings(self) -> Settings:
        try:
            return self.state.settings()
        except SettingsInvalidError:
            return Settings()

    def _found(self, findings: tuple[Finding, ...]) -> None:
        self.state.findings = findings
        self.refill()
        self._focus_likely()

    def _refused(self, finding: Finding) -> None:
        self._found((finding,))

    def _focus_likely(self) -> None:
        if stops(self._sorted()):
            self.query_one(RowList).focus()
        else:
            self.actions.focus_first()

    def _sorted(self) -> tuple[Finding, ...]:
        findings = self.state.findings or ()
        return tuple(sorted(findings, key=lambda one: _ORDER.index(one.severity)))

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        return self._sorted()

    def _explain(self, index: int | None) -> None:
        shown = self._sorted()
        view = self.query_one(FindingView)
        view.show(shown[index] if index is not None and index < len(shown) else None)


def summary(findings: tuple[Finding, ...]) -> Content:
    """Return one line that says how the machine stands."""
    errors = sum(one.severity is Severity.ERROR for one in findings)
    notes = sum(one.severity is Severity.WARNING for one in findings)
    passed = sum(one.severity is Severity.INFO for one in findings)
    verdict = (
        (f"{formats.count(errors, 'finding')} to mend before installing", "bold $error")
        if errors
        else ("Ready to go on", "bold $success")
    )
    rest = f"   {formats.count(notes, 'note')}, {passed} passed"
    return Content.assemble(verdict, (rest, paint.MUTED))
