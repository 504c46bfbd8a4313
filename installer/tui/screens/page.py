"""The frame that every screen fills: title, heading, body, actions, keys."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding
from installer.tui import text
from installer.tui.glyphs import Glyphs
from installer.tui.look import look_of
from installer.tui.screens.details import FindingsDialog
from installer.tui.state import Stage, WizardState, before
from installer.tui.widgets.actions import ActionItem, ActionRow, Choice
from installer.tui.widgets.banner import LicenseBanner
from installer.tui.widgets.chrome import KeyLine, StageRail, TitleLine, TooSmall
from installer.tui.widgets.finding import FindingView
from installer.tui.widgets.rows import place_cursor

if TYPE_CHECKING:
    from installer.tui.app import AnechoicApp

T = TypeVar("T")
ROW_WIDTH = 71


class Page(Screen[None]):
    """A screen with a heading, a body and a row of actions.

    Children name themselves for the help page, give the body, and fill it in
    `refill`, which is called again whenever the look of the screens changes.
    """

    topic: ClassVar[str] = ""
    title_words: ClassVar[str] = "set up"
    heading: ClassVar[str] = ""
    stage: ClassVar[Stage | None] = None
    choices: ClassVar[tuple[Choice, ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "details", "More"),
        Binding("f7", "details", "More", show=False),
    ]
    keeps_answers: ClassVar[bool] = False
    parting_words: ClassVar[str] = ""
    AUTO_FOCUS = ""

    @override
    def compose(self) -> ComposeResult:
        yield TooSmall()
        with Vertical(id="page"):
            yield TitleLine(self.title_words, self.owner.surroundings.host)
            if self.stage is not None and self.stage is not Stage.WELCOME:
                yield StageRail(self.stage)
            yield Rule()
            yield LicenseBanner(hintless=self.title_words == "license")
            if self.stage is not None:
                yield Static(text.HEADINGS[self.stage], id="heading")
                yield Static(text.LEADS[self.stage], id="lead")
            elif self.heading:
                yield Static(self.heading, id="heading")
            with Vertical(id="body"):
                yield from self.body()
            yield Static(id="notice")
            if self.choices:
                yield ActionRow(self.choices)
            yield KeyLine()

    def body(self) -> Iterable[Widget]:
        """Yield the widgets between lead and actions."""
        return ()

    def refill(self) -> None:
        """Show the model again; called after a change of look."""

    def findings_shown(self) -> tuple[Finding, ...]:
        """Return the findings this page is about, for reading them in full."""
        shown = [view.finding for view in self.query(FindingView)]
        return tuple(one for one in shown if one is not None)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "details":
            return bool(self.is_mounted and self.findings_shown())
        return super().check_action(action, parameters)

    def action_details(self) -> None:
        """Show the findings of this page in full."""
        self.app.push_screen(FindingsDialog(self.findings_shown()))

    @property
    def owner(self) -> "AnechoicApp":
        """Return the application, typed."""
        return cast("AnechoicApp", self.app)

    @property
    def state(self) -> WizardState:
        """Return what the wizard knows."""
        return self.owner.state

    @property
    def glyphs(self) -> Glyphs:
        """Return the glyph table in use."""
        return look_of(self).glyphs

    @property
    def row_width(self) -> int:
        """Return the cells of a list's row, without margins, pointer, scroll bar."""
        return max(ROW_WIDTH, self.size.width - 80 + ROW_WIDTH)

    def on_resize(self) -> None:
        """Fit the rows to the new width."""
        self.refill()

    def on_descendant_focus(self) -> None:
        """Have the terminal's cursor follow the focus."""
        self.call_after_refresh(place_cursor, self)

    @property
    def actions(self) -> ActionRow:
        """Return the row of actions."""
        return self.query_one(ActionRow)

    def notice(self, words: str | Content, style: str = "") -> None:
        """Say one line above the actions."""
        content = Content.styled(words, style) if isinstance(words, str) else words
        self.query_one("#notice", Static).update(content)

    def busy(self, words: str) -> None:
        """Say that an answer is being waited for."""
        self.notice(
            Content.assemble(
                (self.glyphs.running, "bold $primary"),
                f"{words} {self.glyphs.ellipsis}",
            )
        )

    def ask(
        self,
        words: str,
        call: Callable[[], T],
        *,
        then: Callable[[T], None],
        refused: Callable[[Finding], None],
    ) -> None:
        """Ask the engine; answers that come after this page is left are dropped."""

        def still_here(answer: Callable[..., None]) -> Callable[..., None]:
            def deliver(value: object) -> None:
                if self.is_attached:
                    self.notice("")
                    answer(value)

            return deliver

        self.busy(words)
        self.owner.ask(call, then=still_here(then), refused=still_here(refused))

    async def on_action_item_taken(self, message: ActionItem.Taken) -> None:
        """Run the action the operator took."""
        await self.run_action(message.action)

    def action_back(self) -> None:
        """Go to the page before this one."""
        if self.stage is not None:
            self.owner.go(before(self.stage))


class WizardPage(Page):
    """A page of the wizard: Esc goes back, leaving asks first."""

    keeps_answers = True

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back")]


class Rule(Static):
    """A line across the screen."""

    @override
    def render(self) -> Content:
        glyph = look_of(self).glyphs.rule
        return Content.styled(glyph * max(1, self.size.width), "$rail")
