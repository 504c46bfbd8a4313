"""The live status page: services, license, GPUs, host, what is going on."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.protocol import OperationState, Status
from installer.tui import formats, paint, text
from installer.tui.glyphs import Glyphs
from installer.tui.look import INTERVALS_S, Look
from installer.tui.messages import EngineSilent, StatusSeen
from installer.tui.panels import addon_facts, gpus, host, license_facts, services
from installer.tui.screens.page import Page
from installer.tui.state import Stage
from installer.tui.widgets.banner import LicenseBanner
from installer.tui.widgets.facts import Facts
from installer.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from datetime import datetime

from installer.findings import Finding, Severity

VALUE_ROOM = 26
DOING = {"install": "installing", "uninstall": "removing", "load": "loading"}


class StatusScreen(Page):
    """A view that changes nothing; it stays readable when the engine is silent."""

    topic = "status"
    title_words = "status"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("f8", "pause", "Pause", show=False),
        Binding("i", "interval", "Interval"),
        Binding("f9", "interval", "Interval", show=False),
        Binding("l", "app.license", "License"),
        Binding("r", "again", "Now"),
        Binding("f5", "again", "Now", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._status: Status | None = None
        self._seen_at: datetime | None = None
        self._paused = False
        self._silence: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        with Horizontal(id="summary"):
            yield Facts(id="appliance")
            yield Facts(id="license")
        yield Static(id="services-head")
        yield RowList(id="services")
        with VerticalScroll(id="gpu-area", can_focus=False):
            yield Static(id="gpus")
        yield Static(id="host")
        yield Static(id="notable")

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.query_one(RowList).focus()
        self.busy(text.ASKING)
        self.owner.watch_status()

    def on_status_seen(self, message: StatusSeen) -> None:
        """Show the newest status; go to the operation when one is running."""
        if self._paused:
            return
        self._status, self._seen_at = message.status, self.owner.surroundings.now()
        self._silence = None
        self.refill()

    def on_engine_silent(self, message: EngineSilent) -> None:
        """Keep what was seen last and say how old it is."""
        self._silence = message.finding
        self.refill()

    @override
    def refill(self) -> None:
        status = self._status
        if status is not None:
            now = self.owner.surroundings.now()
            ellipsis = self.glyphs.ellipsis
            addons = addon_facts(status.license, VALUE_ROOM, ellipsis)
            self.query_one("#appliance", Facts).show(
                [*appliance(status), *addons], width=11
            )
            self.query_one("#license", Facts).show(
                license_facts(status.license, now), width=11
            )
            self.query_one("#services-head", Static).update(services.HEAD)
            self.query_one(RowList).show(services.rows(status.services, self.glyphs))
            self.query_one("#gpus", Static).update(gpus.panel(status.gpus, self.glyphs))
            self.query_one("#host", Static).update(host.panel(status.host, self.glyphs))
        found = self.findings_shown()
        self.set_class(bool(found) or self._warned, "-tight")
        line = notable_line(found, self.glyphs) if found else Content("")
        self.query_one("#notable", Static).update(line)
        self.refresh_bindings()
        self._say_age()

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        silence = (self._silence,) if self._silence is not None else ()
        return silence + (notable(self._status) if self._status else ())

    @property
    def _warned(self) -> bool:
        """Return whether the line about the license takes room."""
        return self.query_one(LicenseBanner).display

    def _say_age(self) -> None:
        if self._seen_at is None:
            return
        seen = formats.clock(self._seen_at, self.owner.surroundings.zone)
        words = f"Seen {seen}, every {self.owner.look.interval_s} s"
        if self._silence is not None:
            age = (self.owner.surroundings.now() - self._seen_at).total_seconds()
            self.notice(
                f"Stale for {formats.duration(age)}: seen {seen}", "bold $error"
            )
        elif self._paused:
            self.notice(f"Paused: seen {seen}; p goes on", "bold $warning")
        else:
            self.notice(words, paint.MUTED)

    def action_pause(self) -> None:
        """Hold the picture, or go on."""
        self._paused = not self._paused
        self._say_age()

    def action_interval(self) -> None:
        """Take the next refresh interval."""
        look = self.owner.look
        at = INTERVALS_S.index(look.interval_s)
        chosen = INTERVALS_S[(at + 1) % len(INTERVALS_S)]
        self.owner.look = Look(look.basic, chosen)
        self.owner.watch_status()

    def action_again(self) -> None:
        """Ask now; go to the operation's page when one is running."""
        self._paused = False
        operation = self._status.operation if self._status else None
        if operation and operation.state is OperationState.RUNNING:
            self.owner.go(Stage.INSTALL)
        else:
            self.owner.watch_status()


def appliance(status: Status) -> list[tuple[str, str | Content]]:
    """Return what is installed, whether it serves, and where."""
    release = status.release
    return [
        ("Appliance", serving(status)),
        ("Release", release.product_version if release else "none"),
        ("API", status.api_url or "not available"),
        ("Dashboard", status.dashboard_url or "not available"),
    ]


def notable(status: Status) -> tuple[Finding, ...]:
    """Return what the engine tells, the worst first."""
    order = tuple(Severity)
    return tuple(sorted(status.findings, key=lambda one: -order.index(one.severity)))


def notable_line(found: tuple[Finding, ...], glyphs: Glyphs) -> Content:
    """Return the worst finding in a line, and how many more there are."""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return Content.assemble(
        paint.finding_line(found[0], glyphs), (f"{more}; v tells all", paint.MUTED)
    )


def serving(status: Status) -> Content:
    """Return in words whether every service is well."""
    operation = status.operation
    if operation is not None and operation.state is OperationState.RUNNING:
        return Content.styled(f"{DOING[operation.kind]}; r shows it", "bold $primary")
    if not status.installed:
        return Content.styled("not installed", "bold $warning")
    sick = [one.name for one in status.services if one.health != "healthy"]
    if sick:
        return Content.styled(f"in trouble: {', '.join(sick)}", "bold $error")
    return Content.styled(
        f"serving, {len(status.services)} of {len(status.services)} healthy",
        "bold $success",
    )


__all__ = ["StatusScreen", "appliance", "serving"]
