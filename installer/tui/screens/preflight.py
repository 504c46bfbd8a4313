"""The machine's checks: a tick list, and the highlighted one explained."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from typing_extensions import override

from installer.findings import Finding, Severity, worst
from installer.protocol import CheckLine
from installer.settings import Settings, SettingsInvalidError
from installer.tui import formats, paint, text
from installer.tui.glyphs import Glyphs
from installer.tui.screens.page import WizardPage
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.finding import FindingView
from installer.tui.widgets.rows import RowList

_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1}


class PreflightScreen(WizardPage):
    """Every check of the machine, the worst first."""

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

    def __init__(self) -> None:
        super().__init__()
        self._refusal: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield RowList(id="findings")
        yield FindingView()

    def on_mount(self) -> None:
        """Look at the machine at once, unless that was done before."""
        self.refill()
        self.actions.focus_first()
        if self.state.checks is None:
            self.action_recheck()

    @override
    def refill(self) -> None:
        checks = self._sorted()
        rows = [check_line(one, self.glyphs, self.row_width) for one in checks]
        self.query_one(RowList).show(rows)
        self._explain(self.query_one(RowList).highlighted)
        if self.state.checks is not None:
            self.notice(summary(checks))

    def action_recheck(self) -> None:
        """Look again; the old result stays until the new one is here."""
        engine, settings = self.owner.engine, self._settings()
        self.ask(
            text.CHECKING,
            lambda: engine.checks(settings),
            then=self._found,
            refused=self._refused,
        )

    def action_next(self) -> None:
        """Go on to the medium."""
        self.owner.go(Stage.MEDIUM)

    def on_option_list_option_highlighted(
        self, message: OptionList.OptionHighlighted
    ) -> None:
        """Explain the highlighted check."""
        self._explain(message.option_index)

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        refused = (self._refusal,) if self._refusal is not None else ()
        return refused + tuple(one for line in self._sorted() for one in line.findings)

    def _settings(self) -> Settings:
        try:
            return self.state.settings()
        except SettingsInvalidError:
            return Settings()

    def _found(self, checks: tuple[CheckLine, ...]) -> None:
        self.state.checks = checks
        self._refusal = None
        self.refill()
        if any(worst(one.findings) is Severity.ERROR for one in checks):
            self.query_one(RowList).focus()
        else:
            self.actions.focus_first()

    def _refused(self, finding: Finding) -> None:
        self._refusal = finding
        self.refill()
        self.actions.item("recheck").focus()

    def _sorted(self) -> tuple[CheckLine, ...]:
        return tuple(sorted(self.state.checks or (), key=_rank))

    def _explain(self, index: int | None) -> None:
        checks = self._sorted()
        chosen = checks[index] if index is not None and index < len(checks) else None
        found = sorted(chosen.findings, key=_finding_rank) if chosen else []
        self.query_one(FindingView).show(self._refusal or next(iter(found), None))


def _finding_rank(finding: Finding) -> int:
    return _RANKS.get(finding.severity, 2)


def _rank(check: CheckLine) -> int:
    return min(map(_finding_rank, check.findings), default=2)


def check_line(check: CheckLine, glyphs: Glyphs, width: int) -> Content:
    """Return one check: mark, what was checked, what was seen."""
    severity = worst(check.findings) or Severity.INFO
    seen = formats.shorten_end(check.detail, width - 42, glyphs.ellipsis)
    return Content.assemble(
        paint.severity_mark(severity, glyphs),
        "  ",
        paint.pad(check.title, 30),
        "  ",
        (seen, paint.MUTED),
    )


def summary(checks: tuple[CheckLine, ...]) -> Content:
    """Return one line that says how the machine stands."""
    ranks = [_rank(one) for one in checks]
    stops, notes, passed = (ranks.count(rank) for rank in range(3))
    if stops:
        words = f"{formats.count(stops, 'finding')} to mend before installing"
        verdict = (words, "bold $error")
    else:
        verdict = ("Ready to go on", "bold $success")
    rest = f"   {formats.count(notes, 'note')}, {passed} passed"
    return Content.assemble(verdict, (rest, paint.MUTED))
