"""The application: pages in order, questions to the engine, the two watches.

All work is started here and not by a page, so that leaving a page never cuts
an answer off; all calls run in the background, so that a key is answered at
once whatever the engine does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.scrollbar import ScrollBar
from textual.worker import Worker, WorkerState
from typing_extensions import override

from installer import carried
from installer.findings import Finding
from installer.license_view import LicenseView, license_view
from installer.protocol import OperationState, Status
from installer.tui import text
from installer.tui.background import in_background
from installer.tui.engine_like import EngineLike
from installer.tui.face import Face
from installer.tui.look import Look
from installer.tui.messages import EngineSilent, OperationSeen, StatusSeen
from installer.tui.screens.dialog import Confirm
from installer.tui.screens.display import DisplayDialog
from installer.tui.screens.done import DoneScreen
from installer.tui.screens.help import HelpScreen, help_keys
from installer.tui.screens.license import LicenseScreen
from installer.tui.screens.license_page import LicensePage
from installer.tui.screens.license_show import LicenseShowScreen
from installer.tui.screens.medium import MediumScreen
from installer.tui.screens.page import Page
from installer.tui.screens.plan import PlanScreen
from installer.tui.screens.preflight import PreflightScreen
from installer.tui.screens.progress import ProgressScreen
from installer.tui.screens.settings import SettingsScreen
from installer.tui.screens.status import StatusScreen
from installer.tui.screens.welcome import WelcomeScreen
from installer.tui.scrollbars import PlainScrollBar
from installer.tui.state import Stage, WizardState
from installer.tui.surroundings import Surroundings
from installer.tui.themes import OWN_THEMES

T = TypeVar("T")
SERIAL_POLL_S = 2.0
LICENSE_WATCH = "license-watch"
PAGES: dict[Stage, type[Page]] = {
    Stage.WELCOME: WelcomeScreen,
    Stage.CHECKS: PreflightScreen,
    Stage.MEDIUM: MediumScreen,
    Stage.LICENSE: LicenseScreen,
    Stage.SETTINGS: SettingsScreen,
    Stage.PLAN: PlanScreen,
    Stage.INSTALL: ProgressScreen,
    Stage.DONE: DoneScreen,
}


class AnechoicApp(App[str]):
    """A viewer of the engine; it returns the words to say after it closes."""

    CSS_PATH = "anechoic.tcss"
    TITLE = "Anechoic"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  as Textual declares it
        (0, "-narrow"),
        (80, "-usual"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (24, "-standing"),
        (36, "-high"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help"),
        Binding("f1", "help", "Help", show=False),
        Binding("l", "license", "License", show=False),
        Binding("f4", "license", "License", show=False),
        Binding("d", "display", "Display"),
        Binding("f2", "display", "Display", show=False),
        Binding("q", "leave", "Leave"),
        Binding("f10", "leave", "Leave", show=False),
        Binding("ctrl+c", "leave", "Leave", show=False),
        # At once, so that keys typed ahead reach the next field.
        Binding("tab", "focus_next", "Next", show=False, priority=True),
        Binding("shift+tab", "focus_previous", "Back", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Stop", show=False),
        Binding("ctrl+q", "leave_now", "Leave at once", show=False, priority=True),
    ]
    look: reactive[Look] = reactive(Look(basic=False, interval_s=2), init=False)
    license_seen: reactive[LicenseView | None] = reactive(None, init=False)

    def __init__(
        self, engine: EngineLike, face: Face, surroundings: Surroundings
    ) -> None:
        super().__init__(ansi_color=None if face.color else True)
        self.engine = engine
        self.face = face
        self.surroundings = surroundings
        self.state = WizardState(answers=dict(surroundings.answers))
        self._page: type[Page] | None = None
        self._waiting: Page | None = None
        self.status_seen: Status | None = None
        self.set_reactive(AnechoicApp.look, Look.of(face))
        for theme in OWN_THEMES:
            self.register_theme(theme)
        self.theme = face.theme

    @override
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"rail": "ansi_default"}

    def on_mount(self) -> None:
        """Show the first page."""
        self.set_class(self.look.basic, "-basic")
        ScrollBar.renderer = PlainScrollBar
        self.go(Stage.WELCOME)

    def go(self, stage: Stage) -> None:
        """Show the page of a stage in place of the present one."""
        self._show(PAGES[stage]())

    def show_status(self) -> None:
        """Show the live status page."""
        self._show(StatusScreen())

    def _show(self, page: Page) -> None:
        if type(page) is self._page:
            return  # already on its way
        self._page = type(page)
        if isinstance(self.screen, LicensePage):
            self._waiting = page  # shown when the operator is done with licenses
            return
        self.workers.cancel_group(self, "watch")
        if isinstance(self.screen, Page):
            self.switch_screen(page)
        else:
            self.push_screen(page)

    def open_license(self, page: LicensePage) -> None:
        """Lay a license page over the present one; Esc comes back to it."""
        self.push_screen(page, self._back_from_license)

    def _back_from_license(self, _nothing: None) -> None:
        page = self._waiting
        if page is not None and not isinstance(self.screen, LicensePage):
            self._waiting = None
            self.workers.cancel_group(self, "watch")
            self.switch_screen(page)

    def see(self, status: Status) -> None:
        """Learn the state of the license from a status, for every screen."""
        self.status_seen = status
        self.license_seen = license_view(status.license) if status.installed else None

    def ask(
        self,
        call: Callable[[], T],
        *,
        then: Callable[[T], object],
        refused: Callable[[Finding], object],
    ) -> None:
        """Make a blocking call; a newer question drops the answer of an older one."""
        self.run_worker(
            self._ask(call, then, refused),
            group="ask",
            exclusive=True,
            exit_on_error=False,
        )

    async def _ask(
        self,
        call: Callable[[], T],
        then: Callable[[T], object],
        refused: Callable[[Finding], object],
    ) -> None:
        try:
            value = await in_background(call)
        except Exception as error:  # noqa: BLE001  every refusal becomes a finding
            refused(Finding.from_error(error))
        else:
            then(value)

    def watch_operation(self) -> None:
        """Follow the operation until it ends."""
        self._watch(self._follow_operation)

    def watch_status(self) -> None:
        """Follow the status at the chosen interval."""
        self._watch(self._follow_status)

    def watch_license(self) -> None:
        """Follow the license too, where the page below does not follow the status."""
        if self._page is not StatusScreen:
            self._watch(self._follow_status, LICENSE_WATCH)

    def look_again(self) -> None:
        """Ask for the status once, now: something has just been changed."""
        self.run_worker(self._look(), group="look", exclusive=True, exit_on_error=False)

    async def _look(self) -> None:
        try:
            status = await in_background(self.engine.status)
        except Exception as error:  # noqa: BLE001  shown
            self._tell(EngineSilent(Finding.from_error(error)))
        else:
            self.see(status)
            self._tell(StatusSeen(status))

    def forget_license(self) -> None:
        """Follow the license no longer."""
        self.workers.cancel_group(self, LICENSE_WATCH)

    def _watch(
        self, follow: Callable[[], Awaitable[None]], group: str = "watch"
    ) -> None:
        self.run_worker(
            follow(),
            group=group,
            exclusive=True,
            exit_on_error=False,
        )

    async def _follow_operation(self) -> None:
        while True:
            try:
                operation = await in_background(self.engine.current_operation)
            except Exception as error:  # noqa: BLE001  shown; asked again
                self._tell(EngineSilent(Finding.from_error(error)))
            else:
                self._tell(OperationSeen(operation))
                if operation and operation.state is not OperationState.RUNNING:
                    return
            await asyncio.sleep(self._poll_s())

    def _poll_s(self) -> float:
        return SERIAL_POLL_S if self.face.serial else self.surroundings.poll_s

    async def _follow_status(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self.look.interval_s)

    def _tell(self, message: Message) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.post_message(message)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show a mistake of our own as a finding; the application stays."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            finding = Finding.from_error(event.worker.error)
            self.notify(
                f"{finding.evidence}\n{finding.remedy}",
                title=finding.title,
                severity="error",
            )

    def watch_look(self, _old: Look, look: Look) -> None:
        """Draw everything again with another glyph table."""
        self.set_class(look.basic, "-basic")
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.refill()
            for widget in screen.walk_children():
                widget.refresh(layout=True)

    def find_media(self) -> tuple[Path, ...]:
        """Return folders that look like a medium; blocks."""
        return carried.find_media(self.surroundings.places())

    def find_licenses(self) -> tuple[Path, ...]:
        """Return license files near the medium and on what is mounted; blocks."""
        medium = self.state.answer("medium")
        beside = (Path(medium).parent,) if medium else ()
        places = self.surroundings.places()
        return carried.find_files((*beside, *places), *carried.LICENSES)

    def action_help(self) -> None:
        """Explain the page and its keys."""
        page = self.screen
        if isinstance(page, Page):
            self.push_screen(HelpScreen(page.topic, help_keys(page)))

    def action_display(self) -> None:
        """Choose how the screens look."""
        if isinstance(self.screen, Page):
            self.push_screen(DisplayDialog())

    def action_show_status(self) -> None:
        """Show the live status page."""
        self.show_status()

    def find_places(self) -> tuple[Path, ...]:
        """Return folders of what is mounted, where a file may be written; blocks."""
        return carried.writable(self.surroundings.places())

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "license":
            page = self.screen if self.screen_stack else None
            return isinstance(page, Page) and not isinstance(page, LicensePage)
        return super().check_action(action, parameters)

    def action_license(self) -> None:
        """Open the license page, from every page and in every state."""
        self.open_license(LicenseShowScreen())

    def action_leave(self) -> None:
        """Leave; ask first when answers would be lost."""
        page = self.screen
        if not isinstance(page, Page):
            self.action_leave_now()
        elif page.keeps_answers and self._has_new_answers():
            title, words = text.LEAVE_WIZARD
            self.push_screen(
                Confirm(title, words, yes="Leave", no="Stay"), self._leave_if
            )
        else:
            self.exit(page.parting_words)

    def _has_new_answers(self) -> bool:
        return self.state.answers != dict(self.surroundings.answers)

    def _leave_if(self, leave: bool | None) -> None:
        if leave:
            self.exit("")

    def action_leave_now(self) -> None:
        """Leave without a question."""
        page = self.screen
        self.exit(page.parting_words if isinstance(page, Page) else "")

    @override
    def action_suspend_process(self) -> None:
        """Refuse Ctrl+Z: stopping can lock up (Textualize/textual#6298)."""
        page = self.screen
        if isinstance(page, Page):
            page.notice(text.NO_SUSPEND, "$warning")
