"""The license in full: who, until when, for what; each flag with its next step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from typing_extensions import override

from installer.findings import Finding, Severity
from installer.license_flags import flag_words
from installer.license_view import LicenseView, license_problems
from installer.tui import paint, text
from installer.tui.glyphs import Glyphs
from installer.tui.messages import EngineSilent, StatusSeen
from installer.tui.panels.terms import terms
from installer.tui.screens.license_confirm import LicenseConfirmScreen
from installer.tui.screens.license_install import LicenseInstallScreen
from installer.tui.screens.license_page import LicensePage
from installer.tui.screens.license_request import LicenseRequestScreen
from installer.tui.screens.license_simulate import LicenseSimulateScreen
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.facts import Fact, Facts
from installer.tui.widgets.rows import RowList

HEAD_LINES = 3
MOST_REMARKS = 3
EXPLANATION_LINES = 5
LEAST_TERMS = 4


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know about the license: a row, and its explanation."""

    row: Content
    facts: tuple[Fact, ...]


class LicenseShowScreen(LicensePage):
    """The license of this appliance, and every way to change it."""

    topic = "license-show"
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("request", "Request"),
        Choice("install", "Install"),
        Choice("rehearse", "Rehearse"),
        Choice("confirm", "Confirm"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "request", "Request"),
        Binding("f6", "request", "Request", show=False),
        Binding("n", "install", "Install"),
        Binding("f3", "install", "Install", show=False),
        Binding("s", "rehearse", "Rehearse"),
        Binding("f8", "rehearse", "Rehearse", show=False),
        Binding("c", "confirm", "Confirm"),
        Binding("f9", "confirm", "Confirm", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._remarks: tuple[Remark, ...] = ()
        self._silence: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        with VerticalScroll(id="terms-area", can_focus=False):
            yield Facts(id="terms")
        yield Static(id="remarks-head", classes="section")
        yield RowList(id="remarks")
        yield Facts(id="remark-words")

    def on_mount(self) -> None:
        """Show what is known, and follow the license while the page is open."""
        self.refill()
        self.actions.focus_first()
        if self.status is None:
            self.busy(text.ASKING)
        self.owner.watch_license()

    def on_unmount(self) -> None:
        """Leave the page below to itself."""
        self.owner.forget_license()

    def on_status_seen(self, _message: StatusSeen) -> None:
        """Show the newest state."""
        self._silence = None
        self.notice("")
        self.refill()

    def on_engine_silent(self, message: EngineSilent) -> None:
        """Keep what was seen last, and say that it is old."""
        self._silence = message.finding
        self.notice(message.finding.title, "bold $error")
        self.refresh_bindings()

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        return (self._silence,) if self._silence is not None else ()

    @override
    def refill(self) -> None:
        surroundings, view = self.owner.surroundings, self.view
        shown = (
            terms(view, surroundings.now(), surroundings.zone)
            if view is not None
            else [("State", self._why_nothing())]
        )
        self.query_one("#terms", Facts).show(shown, width=14)
        data = self.status.license if self.status else None
        self._remarks = remarks(view, license_problems(data), self.glyphs)
        head = text.LICENSE_REMARKS if self._remarks else text.LICENSE_NO_REMARKS
        self.query_one("#remarks-head", Static).update(head if view else "")
        rows = self.query_one("#remarks", RowList)
        rows.show([one.row for one in self._remarks])
        rows.display = bool(self._remarks)
        self._explain(rows.highlighted)
        self.call_after_refresh(self._fit)

    def _why_nothing(self) -> str:
        if self.status is None:
            return text.LICENSE_ASKED
        return text.NO_LICENSE_STATE if self.status.installed else text.NOT_INSTALLED

    def _fit(self) -> None:
        """Leave room for the remarks; the terms scroll where they do not fit."""
        area = self.query_one("#terms-area", VerticalScroll)
        rows = min(len(self._remarks), MOST_REMARKS)
        taken = HEAD_LINES + (rows + EXPLANATION_LINES if rows else 0)
        room = self.query_one("#body").size.height - taken
        area.styles.max_height = max(LEAST_TERMS, room)
        area.can_focus = area.max_scroll_y > 0

    def _explain(self, index: int | None) -> None:
        known = index is not None and index < len(self._remarks)
        facts = self._remarks[index].facts if known and index is not None else ()
        words = self.query_one("#remark-words", Facts)
        words.display = bool(facts)
        words.show(facts, width=8)

    def on_option_list_option_highlighted(
        self, message: OptionList.OptionHighlighted
    ) -> None:
        """Explain the remark one is on."""
        self._explain(message.option_index)

    def action_request(self) -> None:
        """Make the request with which the vendor answers."""
        self.owner.open_license(LicenseRequestScreen())

    def action_install(self) -> None:
        """Install what was carried in, or use a code."""
        self.owner.open_license(LicenseInstallScreen())

    def action_rehearse(self) -> None:
        """See what a date, a clock or a swapped part would do."""
        self.owner.open_license(LicenseSimulateScreen())

    def action_confirm(self) -> None:
        """Confirm the clock, or state that a backup was restored."""
        self.owner.open_license(LicenseConfirmScreen())


def remarks(
    view: LicenseView | None, problems: Sequence[Finding], glyphs: Glyphs
) -> tuple[Remark, ...]:
    """Return flags and refused files, the worst first."""
    flags = [flag_words(name) for name in view.flags] if view else []
    order = tuple(Severity)
    flags.sort(key=lambda one: -order.index(one.severity))
    return (
        *(
            Remark(
                _row(one.severity, one.title, glyphs),
                (("Means", one.meaning), ("Do", one.step)),
            )
            for one in flags
        ),
        *(
            Remark(
                paint.finding_line(one, glyphs),
                (("Seen", one.evidence), ("Do", one.remedy)),
            )
            for one in problems
        ),
    )


def _row(severity: Severity, title: str, glyphs: Glyphs) -> Content:
    return Content.assemble(paint.severity_mark(severity, glyphs), "  ", title)
