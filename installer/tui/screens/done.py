"""The end of the wizard: where things are and how to begin."""

from collections.abc import Iterable
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import Status
from installer.tui import formats, paint, text
from installer.tui.screens.page import Page
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.facts import Fact, Facts
from installer.tui.widgets.finding import FindingView


class DoneScreen(Page):
    """Addresses, the first key, and how to open this again."""

    topic = "done"
    stage = Stage.DONE
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("app.show_status", "Open the status page"),
        Choice("app.leave", "Leave"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._notes: tuple[Finding, ...] = ()

    @override
    def body(self) -> Iterable[Widget]:
        yield Static("Where it is", classes="section")
        yield Facts(id="addresses")
        yield Static("What to do now", id="next-title", classes="section")
        yield Facts(id="next-steps")
        yield FindingView()

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.actions.focus_first()
        self.ask(
            text.ASKING,
            self.owner.engine.status,
            then=self._told,
            refused=self._refused,
        )

    def _told(self, status: Status) -> None:
        self._notes = notes(status)
        self.query_one("#addresses", Facts).show(addresses(status))
        self.query_one("#next-steps", Facts).show(next_steps(status))
        self.query_one(FindingView).show(next(iter(self._notes), None))
        if self._notes:
            self.query_one("#heading", Static).update(text.DONE_WITH_NOTES[0])
            self.query_one("#lead", Static).update(text.DONE_WITH_NOTES[1])
            words = f"{formats.count(len(self._notes), 'note')}; v shows all of it"
            self.notice(words, "$warning")

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        return self._notes or super().findings_shown()

    def _refused(self, finding: Finding) -> None:
        self.query_one(FindingView).show(finding)


def addresses(status: Status) -> list[Fact]:
    """Return release and addresses."""
    release = status.release
    return [
        ("Release", release.product_version if release else "not available"),
        ("API", _address(status.api_url)),
        ("Dashboard", _address(status.dashboard_url)),
    ]


def next_steps(status: Status) -> list[Fact]:
    """Return the first commands, ready to be typed."""
    url = status.api_url or "http://ADDRESS:PORT"
    return [
        ("Make a key", _command("anechoic keys create first")),
        ("Transcribe", _command(f"curl {url}/v1/audio/transcriptions \\")),
        ("", _command("  -H 'Authorization: Bearer KEY' -F file=@speech.wav")),
        ("This program", _command("anechoic")),
        ("Remove all", _command("anechoic uninstall")),
    ]


def notes(status: Status) -> tuple[Finding, ...]:
    """Return what the installation and the engine tell, each once."""
    warnings = status.operation.warnings if status.operation else ()
    return tuple(dict.fromkeys((*warnings, *status.findings)))


def _address(url: str | None) -> Content:
    if url is None:
        return Content.styled("not available", paint.MUTED)
    return Content.styled(url, "bold $primary")


def _command(words: str) -> Content:
    return Content.styled(words, "$accent")
