"""What this is, what will happen, and where this machine stands."""

from collections.abc import Iterable
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import Operation, OperationState, Status
from installer.tui import paint, text
from installer.tui.screens.page import Page
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.finding import FindingView


class WelcomeScreen(Page):
    """The first page; it steps aside when there is something to show already."""

    topic = "welcome"
    stage = Stage.WELCOME
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("carry_on", "Carry on"),
        Choice("begin", "Begin"),
        Choice("ask_again", "Ask again"),
        Choice("app.leave", "Leave"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._last: Operation | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield Static(id="wedges")
        yield Static(id="welcome-steps")
        yield Static(id="welcome-state")
        yield FindingView()

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.refill()
        self.actions.allow("begin", allowed=False)
        self.actions.item("ask_again").display = False
        self.actions.item("carry_on").display = False
        self.action_ask_again()

    @override
    def refill(self) -> None:
        lines = [
            Content.assemble(
                (f"  {number} ", "bold $accent"),
                (paint.pad(name, 11), "bold"),
                (what, paint.MUTED),
            )
            for number, (name, what) in enumerate(text.WELCOME_STEPS, 1)
        ]
        wedges = self.glyphs.wedge * 37
        self.query_one("#wedges", Static).update(wedges)
        self.query_one("#welcome-steps", Static).update(Content("\n").join(lines))

    def action_ask_again(self) -> None:
        """Ask the engine where this machine stands."""
        self.ask(
            text.ASKING,
            self.owner.engine.status,
            then=self._told,
            refused=self._refused,
        )

    def action_begin(self) -> None:
        """Start the wizard."""
        self.owner.go(Stage.CHECKS)

    def action_carry_on(self) -> None:
        """Start the unfinished installation again with its own answers."""
        settings = self._last.settings if self._last else None
        if settings is None:
            return
        self.state.adopt(settings)
        self.ask(
            text.STARTING,
            lambda: self.owner.engine.install(settings),
            then=lambda _operation: self.owner.go(Stage.INSTALL),
            refused=self._not_carried_on,
        )

    def _not_carried_on(self, finding: Finding) -> None:
        """Say why, and offer the wizard, which knows the earlier answers."""
        self.query_one(FindingView).show(finding)
        self.actions.item("begin").focus()

    def _told(self, status: Status) -> None:
        self.owner.see(status)
        operation = status.operation
        if operation is not None and operation.state is OperationState.RUNNING:
            self.owner.go(Stage.INSTALL)
        elif status.installed:
            self.owner.show_status()
        else:
            unfinished = operation is not None and operation.kind == "install"
            self._last = operation
            self._ready(
                operation.finding if operation and unfinished else None, unfinished
            )

    def _ready(self, finding: Finding | None, unfinished: bool) -> None:
        self._show_steps(shown=finding is None)
        words = text.UNFINISHED if unfinished else text.NOT_INSTALLED
        known = self._last is not None and self._last.settings is not None
        if known:
            words = text.CARRY_ON
        self.query_one("#welcome-state", Static).update(words)
        self.query_one(FindingView).show(finding)
        self.actions.item("ask_again").display = False
        self.actions.item("carry_on").display = known
        self.actions.allow("begin", allowed=True)
        self.actions.focus_first()

    def _show_steps(self, *, shown: bool) -> None:
        for selector in ("#wedges", "#welcome-steps"):
            self.query_one(selector).display = shown

    def _refused(self, finding: Finding) -> None:
        self._show_steps(shown=False)
        self.query_one("#welcome-state", Static).update("")
        self.query_one(FindingView).show(finding)
        self.actions.item("ask_again").display = True
        self.actions.item("ask_again").focus()
