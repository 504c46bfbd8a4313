"""Rehearse: what a date, a clock or a swapped part would do, and a drill of expiry."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from pydantic import JsonValue
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static
from typing_extensions import override

from installer.findings import Finding
from installer.license_bodies import SWAPS
from installer.protocol import SimulateBody, SimulationBody
from installer.tui import text
from installer.tui.panels.outcome import outcome
from installer.tui.screens.license_page import LicensePage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.fields import Field, TextEntry, WordChoice
from installer.tui.widgets.finding import FindingView

RIGHT = "right"
CLOCKS = (RIGHT, "1970", "-2d", "+5d", "+400d", "2099-01-01")
DRILL_MINUTES = 10


class LicenseSimulateScreen(LicensePage):
    """A date, a clock, swapped parts; state, service and banner that would follow."""

    topic = "license-simulate"
    heading = "What would happen, if"
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("show", "Show"),
        Choice("end", "At its end"),
        Choice("restriction", "After grace"),
        Choice("drill", "Drill"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "show", "Show"),
        Binding("f5", "show", "Show", show=False),
        Binding("t", "drill", "Drill"),
        Binding("f3", "drill", "Drill", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._result: SimulationBody | None = None
        self._refusal: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield Field("On this day", TextEntry(self._first_day(), id="at"))
        yield Field("Clock of the host", WordChoice(CLOCKS, RIGHT, id="clock"))
        yield Field("Parts exchanged", TextEntry("", id="swaps"))
        yield Static(text.SIMULATE_HELP, id="field-help")
        with VerticalScroll(id="outcome-area", can_focus=False):
            yield Static(id="outcome")
        yield FindingView()

    def _first_day(self) -> str:
        view, now = self.view, self.owner.surroundings.now()
        return f"{(view.exp if view and view.exp else now):%Y-%m-%d %H:%M}"

    def on_mount(self) -> None:
        """Rehearse the end of the license at once."""
        known = self.view is not None and self.view.exp is not None
        for name in ("end", "restriction"):
            self.actions.allow(name, allowed=known)
        self.refill()
        self.actions.focus_first()
        self.action_show()

    @override
    def refill(self) -> None:
        shown = self._result if self._refusal is None else None
        area = self.query_one("#outcome-area", VerticalScroll)
        area.display = shown is not None
        if shown is not None:
            zone = self.owner.surroundings.zone
            self.query_one("#outcome", Static).update(
                outcome(shown, self.glyphs, zone, width=self.size.width - 6)
            )
        self.query_one(FindingView).show(self._refusal)
        self.call_after_refresh(self._let_scroll)

    def _let_scroll(self) -> None:
        area = self.query_one("#outcome-area", VerticalScroll)
        area.can_focus = area.max_scroll_y > 0

    def action_show(self) -> None:
        """Ask what would be, by the code that decides in production."""
        try:
            body = self._question()
        except SimulateWordsError as error:
            self.notice(str(error), "$warning")
            return
        self.ask(
            text.REHEARSING,
            lambda: self.owner.engine.simulate(body),
            then=self._told,
            refused=self._refused,
        )

    def _question(self) -> SimulateBody:
        clock = self.query_one("#clock", WordChoice).value
        return SimulateBody(
            at=read_day(self.query_one("#at", TextEntry).value),
            clock="" if clock == RIGHT else clock,
            swaps=read_swaps(self.query_one("#swaps", TextEntry).value),
        )

    def _told(self, result: SimulationBody) -> None:
        self._result, self._refusal = result, None
        self.refill()

    def _refused(self, finding: Finding) -> None:
        self._refusal = finding
        self.refill()

    def action_end(self) -> None:
        """Rehearse the moment in which grace begins."""
        self._look_at(self.view.exp if self.view else None)

    def action_restriction(self) -> None:
        """Rehearse four days after grace: 72 hours of banner have passed then."""
        term = self.view.term if self.view else None
        self._look_at(None if term is None else term + timedelta(days=4))

    def _look_at(self, moment: datetime | None) -> None:
        if moment is not None:
            self.query_one("#at", TextEntry).value = f"{moment:%Y-%m-%d %H:%M}"
            self.action_show()

    def action_drill(self) -> None:
        """Show the banner of grace for ten minutes, or end that."""
        view = self.view
        runs = view is not None and (view.drill or view.drill_until is not None)
        minutes = 0 if runs else DRILL_MINUTES

        def done(_answer: Mapping[str, JsonValue]) -> None:
            self.notice(text.DRILL_RUNS if minutes else text.DRILL_ENDED, "$success")
            self.owner.look_again()

        engine = self.owner.engine
        self.ask(
            text.TELLING,
            lambda: engine.drill(minutes),
            then=done,
            refused=self._refused,
        )

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Rehearse as soon as a field is accepted."""
        message.stop()
        self.action_show()

    def on_word_choice_changed(self, _message: WordChoice.Changed) -> None:
        """Rehearse as soon as another clock is chosen."""
        self.action_show()


class SimulateWordsError(ValueError):
    """A field holds something that cannot be rehearsed."""


def read_day(words: str) -> datetime | None:
    """Read a date, with or without a time of day, as UTC; empty is now.

    Raises:
        SimulateWordsError: it is no date.
    """
    if not words.strip():
        return None
    try:
        found = datetime.fromisoformat(words.strip().removesuffix(" UTC"))
    except ValueError:
        raise SimulateWordsError(text.SIMULATE_DATE) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read_swaps(words: str) -> tuple[str, ...]:
    """Read names of parts, with commas or blanks between them.

    Raises:
        SimulateWordsError: there is no such part.
    """
    names = tuple(words.replace(",", " ").lower().split())
    for name in names:
        if name not in SWAPS:
            raise SimulateWordsError(f"{name}: expected {', '.join(SWAPS)}")
    return tuple(dict.fromkeys(names))
