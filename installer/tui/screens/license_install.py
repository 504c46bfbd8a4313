"""Install what was carried in: a file, a text, what a scanner typed, or a code."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar, Final

from pydantic import JsonValue
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea
from typing_extensions import override

from appliance.license_files import read_small
from installer.errors import LICENSE_UNREADABLE, InstallerError
from installer.findings import Finding
from installer.license_view import license_view
from installer.protocol import LicenseSummary
from installer.tui import code_entry, formats, text
from installer.tui.panels.summary import summary_facts
from installer.tui.screens.license_loss import LossDialog, changes
from installer.tui.screens.license_page import LicensePage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.candidates import Candidates
from installer.tui.widgets.facts import Facts
from installer.tui.widgets.fields import Field, TextEntry, WordChoice
from installer.tui.widgets.finding import FindingView
from installer.tui.widgets.paste import PasteBox

FILE: Final = "file"
TEXT: Final = "text or scanner"
CODE: Final = "code by telephone"
_ENTRIES: Final = {FILE: "#file", TEXT: "#paste", CODE: "#code"}


class LicenseInstallScreen(LicensePage):
    """Where it comes from, what it is, what changes; then install it."""

    topic = "license-install"
    heading = "What the vendor has answered"
    sources: ClassVar[tuple[str, ...]] = (FILE, TEXT, CODE)
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("install", "Install"),
        Choice("check", "Check"),
        Choice("look", "Look again"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "install", "Install"),
        Binding("f3", "install", "Install", show=False),
        Binding("r", "check", "Check"),
        Binding("f5", "check", "Check", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._data: bytes = b""
        self._summary: LicenseSummary | None = None
        self._refusal: Finding | None = None
        self._done = False

    @override
    def body(self) -> Iterable[Widget]:
        source = WordChoice(self.sources, self.sources[0], id="source")
        yield Field("It comes as", source)
        yield Field("File", TextEntry("", id="file"))
        yield Candidates(text.CANDIDATES, text.NO_ANSWERS)
        yield Static(text.PASTE_LEAD, id="paste-lead", classes="reason")
        yield PasteBox(id="paste")
        yield Field("Code", TextEntry("", id="code"))
        yield Static(id="code-words")
        yield Facts(id="facts")
        yield Static(id="changes")
        yield FindingView()

    def on_mount(self) -> None:
        """Look for files, and show the first way in."""
        self.refill()
        source = self.query_one("#source", WordChoice)
        self.watch(source, "value", self._turned, init=False)
        source.focus()
        self.action_look()

    @override
    def focus_next(self, selector: str | type[Widget] = "*") -> Widget | None:
        """Go from the choice to its entry, laid out or not: keys may be typed ahead."""
        if selector == "*" and self.focused is self.query_one("#source"):
            self.set_focus(self.query_one(_ENTRIES[self.source]))
            return self.focused
        return super().focus_next(selector)

    @property
    def source(self) -> str:
        """Return how it comes."""
        return self.query_one("#source", WordChoice).value

    @override
    def refill(self) -> None:
        source, summary = self.source, self._summary
        fresh = summary is None and self._refusal is None
        shown = {
            "#file": source == FILE,
            "#code": source == CODE,
        }
        for selector, visible in shown.items():
            field = self.query_one(selector).parent
            assert isinstance(field, Field)  # noqa: S101  made above
            field.display = visible
        self.query_one(Candidates).display = source == FILE and fresh
        for selector in ("#paste-lead", "#paste"):
            self.query_one(selector).display = source == TEXT and fresh
        self.query_one("#code-words").display = source == CODE
        self._show_summary(summary)
        self.query_one(FindingView).show(self._worst())
        self._allow()

    def _show_summary(self, summary: LicenseSummary | None) -> None:
        facts, lines = (
            self.query_one("#facts", Facts),
            self.query_one("#changes", Static),
        )
        facts.display = lines.display = summary is not None
        if summary is not None:
            zone = self.owner.surroundings.zone
            facts.show(summary_facts(summary, zone), width=14)
            lines.update(changes(summary.gains, summary.losses))

    def _worst(self) -> Finding | None:
        if self._refusal is not None:
            return self._refusal
        findings = self._summary.findings if self._summary else ()
        return findings[0] if findings and not self._done else None

    def _allow(self) -> None:
        ready = self._summary is not None and not self._done
        if self.source == CODE:
            ready = code_entry.look(self.query_one("#code", TextEntry).value).right
        self.actions.allow("install", allowed=ready and not self._done)
        self.actions.allow("check", allowed=self.source != CODE)
        self.actions.item("look").display = self.source == FILE

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        refused = (self._refusal,) if self._refusal is not None else ()
        return refused + (self._summary.findings if self._summary else ())

    def _forget(self) -> None:
        """Drop what was learned: it is no longer about what stands there."""
        self._summary = self._refusal = None
        self._data, self._done = b"", False
        self.notice("")

    # What is given

    def _turned(self) -> None:
        """Show another way in at once, so that keys typed ahead reach it."""
        self._forget()
        self.refill()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Follow a code character by character; forget another file."""
        self._forget()
        if message.input.id == "code":
            seen = code_entry.look(message.value)
            self.query_one("#code-words", Static).update(
                code_entry.painted(seen, self.glyphs)
            )
        self.refill()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Check a file as soon as its path is accepted; use a code that is right."""
        message.stop()
        if message.input.id == "code":
            self.action_install()
        else:
            self.action_check()

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Say how much has arrived."""
        lines = len(message.text_area.text.splitlines())
        if lines and self.source == TEXT:
            self.notice(text.PASTE_HAS.format(lines=formats.count(lines, "line")))

    def on_paste_box_complete(self, _message: PasteBox.Complete) -> None:
        """Check what was pasted or scanned as soon as it may be whole."""
        self.action_check()

    def on_candidates_chosen(self, message: Candidates.Chosen) -> None:
        """Take a file that was found."""
        entry = self.query_one("#file", TextEntry)
        with self.prevent(Input.Changed):
            entry.value = str(message.path)
        self.action_check()

    def action_look(self) -> None:
        """Look for answers on what is mounted."""
        self.ask(
            text.LOOKING_MEDIA,
            self.owner.find_licenses,
            then=self._looked,
            refused=self._refused,
        )

    def _looked(self, found: tuple[Path, ...]) -> None:
        self._forget()
        self.refill()
        self.query_one(Candidates).show(found, looked=True)
        if found and self.source == FILE:
            self.query_one(Candidates).focus_list()

    # What is made of it

    def action_check(self) -> None:
        """Have the engine verify what was given."""
        if self.source == CODE:
            return
        given = self._given()
        if not given.strip():
            self.notice(text.NOTHING_GIVEN, "$warning")
            return
        from_file = self.source == FILE
        self.ask(
            text.VERIFYING_LICENSE,
            lambda: self._judge(carried(given) if from_file else given.encode()),
            then=self._checked,
            refused=self._refused,
        )

    def _given(self) -> str:
        if self.source == FILE:
            return self.query_one("#file", TextEntry).value.strip()
        return self.query_one("#paste", PasteBox).text

    def judge(self, data: bytes) -> LicenseSummary:
        """Verify bytes by the keys of this appliance; blocks."""
        return self.owner.engine.check_license_bytes(data)

    def _judge(self, data: bytes) -> tuple[bytes, LicenseSummary]:
        return data, self.judge(data)

    def _checked(self, answer: tuple[bytes, LicenseSummary]) -> None:
        self._forget()
        self._data, self._summary = answer
        self.refill()
        self.notice(text.CHECKED[self._summary.outcome], "$success")
        self.actions.focus_first()

    def _refused(self, finding: Finding) -> None:
        self._forget()
        self._refusal = finding
        self.refill()
        if self.source == TEXT:
            self.query_one("#paste").display = True
            self.query_one("#paste").focus()

    def action_install(self) -> None:
        """Put it in force; ask for the word first when something is lost."""
        summary = self._summary
        if self.source == CODE:
            self._extend()
        elif summary is None:
            self.action_check()
        elif summary.losses:
            dialog = LossDialog(summary.gains, summary.losses)
            self.app.push_screen(dialog, self._install_if)
        elif not self._done:
            self._install(accept_loss=False)

    def _install_if(self, accepted: bool | None) -> None:
        if accepted:
            self._install(accept_loss=True)

    def _install(self, *, accept_loss: bool) -> None:
        engine, data = self.owner.engine, self._data
        self.ask(
            text.INSTALLING_LICENSE,
            lambda: engine.install_license_bytes(data, accept_loss=accept_loss),
            then=self._installed,
            refused=self._refused,
        )

    def _installed(self, summary: LicenseSummary) -> None:
        self._summary, self._done = summary, True
        self.refill()
        self.notice(text.INSTALLED[summary.outcome], "$success")
        self.actions.item("back").focus()
        self.owner.look_again()

    def _extend(self) -> None:
        code = self.query_one("#code", TextEntry).value
        if not code_entry.look(code).right:
            return
        engine = self.owner.engine
        self.ask(
            text.REDEEMING,
            lambda: engine.extend_license(code),
            then=self._extended,
            refused=self._refused,
        )

    def _extended(self, answer: Mapping[str, JsonValue]) -> None:
        view = license_view(answer)
        self._done = True
        self._allow()
        until = f" to {formats.utc(view.term)}" if view and view.term else ""
        self.notice(text.EXTENDED.format(until=until), "$success")
        self.actions.item("back").focus()
        self.owner.look_again()


def carried(path: str) -> bytes:
    """Read a small regular file, whatever lies under the path; blocks.

    Raises:
        InstallerError: it cannot be read.
        LicenseError: it is too large or no regular file.
    """
    try:
        return read_small(Path(path))
    except OSError as error:
        raise InstallerError(LICENSE_UNREADABLE, f"{path}: {error.strerror}") from error
