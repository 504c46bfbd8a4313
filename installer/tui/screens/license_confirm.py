"""What only a person knows: the clock is right; a backup was restored."""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from pydantic import JsonValue
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding
from installer.tui import text
from installer.tui.panels.terms import both
from installer.tui.screens.dialog import Confirm
from installer.tui.screens.license_page import LicensePage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.facts import Fact, Facts
from installer.tui.widgets.finding import FindingView


class LicenseConfirmScreen(LicensePage):
    """Two statements; both are noted in the usage records with who made them."""

    topic = "license-confirm"
    heading = "What only you can know"
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("clock", "The clock is right"),
        Choice("backup", "I restored a backup"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "clock", "Clock is right"),
        Binding("f9", "clock", "Clock is right", show=False),
        Binding("b", "backup", "Backup"),
        Binding("f3", "backup", "Backup", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._refusal: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield Static(text.CONFIRM_LEAD, classes="reason")
        yield Facts(id="facts")
        yield Static(text.BACKUP_LEAD, id="backup-lead", classes="reason")
        yield FindingView()

    def on_mount(self) -> None:
        """Show the times that licensing goes by."""
        self.refill()
        self.actions.item("back").focus()

    @override
    def refill(self) -> None:
        self.query_one("#facts", Facts).show(self._times(), width=18)
        self.query_one(FindingView).show(self._refusal)

    def _times(self) -> list[Fact]:
        surroundings, view = self.owner.surroundings, self.view
        zone, facts = surroundings.zone, list[Fact]()
        facts.append(("This clock shows", both(surroundings.now(), zone)))
        if view is not None and view.proved is not None:
            facts.append(("Proved at least", both(view.proved, zone)))
        if view is not None and view.effective is not None:
            facts.append(("Licensing goes by", both(view.effective, zone)))
        return facts

    def action_clock(self) -> None:
        """Ask again, then confirm date and time."""
        title, words = text.CONFIRM_CLOCK
        dialog = Confirm(title, words, yes="They are right", no="Not yet")
        self.app.push_screen(dialog, self._clock_if)

    def _clock_if(self, sure: bool | None) -> None:
        if sure:
            engine = self.owner.engine
            self._state(engine.confirm_clock, text.CLOCK_CONFIRMED)

    def action_backup(self) -> None:
        """Ask again, then note that a backup was restored."""
        title, words = text.CONFIRM_BACKUP
        dialog = Confirm(title, words, yes="I restored one", no="No")
        self.app.push_screen(dialog, self._backup_if)

    def _backup_if(self, sure: bool | None) -> None:
        if sure:
            self._state(self.owner.engine.restored, text.BACKUP_NOTED)

    def _state(self, call: Callable[[], Mapping[str, JsonValue]], said: str) -> None:
        def done(_answer: Mapping[str, JsonValue]) -> None:
            self._refusal = None
            self.refill()
            self.notice(said, "$success")

        self.ask(text.TELLING, call, then=done, refused=self._refused)

    def _refused(self, finding: Finding) -> None:
        self._refusal = finding
        self.refill()
