"""Choose the license, or write the request with which the vendor issues one."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import LicenseSummary
from installer.tui import text
from installer.tui.panels.summary import summary_facts
from installer.tui.screens.license_carried import LicenseCarriedScreen
from installer.tui.screens.license_request import LicenseRequestScreen
from installer.tui.screens.page import WizardPage
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.candidates import Candidates
from installer.tui.widgets.facts import Facts
from installer.tui.widgets.fields import Field, TextEntry
from installer.tui.widgets.finding import FindingView


class LicenseScreen(WizardPage):
    """Path of the license; licensee, state and dates of a verified one."""

    topic = "license"
    stage = Stage.LICENSE
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("next", "Continue"),
        Choice("verify", "Verify"),
        Choice("request", "Request"),
        Choice("carried", "Paste or scan"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "request", "Request"),
        Binding("f6", "request", "Request", show=False),
        Binding("n", "carried", "Paste"),
        Binding("f3", "carried", "Paste", show=False),
        Binding("l", "app.license", "License", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._refusal: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield Field(
            "License file", TextEntry(self.state.answer("license"), id="license")
        )
        yield Candidates(text.CANDIDATES, text.NO_LICENSES)
        yield Facts(id="facts")
        yield FindingView()

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.refill()
        if self.state.license is None:
            self.query_one("#license", TextEntry).focus()
            self.ask(
                "Looking for a license",
                self.owner.find_licenses,
                then=self._looked,
                refused=self._refused,
            )
        else:
            self.actions.focus_first()

    @override
    def refill(self) -> None:
        license_ = self.state.license
        searching = license_ is None and self._refusal is None
        self.query_one(Candidates).display = searching
        self.query_one(Facts).display = license_ is not None
        if license_ is not None:
            zone = self.owner.surroundings.zone
            self.query_one(Facts).show(summary_facts(license_, zone))
        notable = license_.findings[0] if license_ and license_.findings else None
        self.query_one(FindingView).show(self._refusal or notable)

    def _looked(self, found: tuple[Path, ...]) -> None:
        self._refusal = None
        self.refill()
        self.query_one(Candidates).show(found, looked=True)
        if found and not self.query_one("#license", TextEntry).value:
            self.query_one(Candidates).focus_list()

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        license_ = self.state.license
        refused = (self._refusal,) if self._refusal is not None else ()
        return refused + (license_.findings if license_ else ())

    def action_verify(self) -> None:
        """Have the engine verify the license."""
        path = self.query_one("#license", TextEntry).value.strip()
        self.state.answers["license"] = path
        if not path:
            self.notice(text.LICENSE_SKIPPED, "$warning")
            self.actions.focus_first()
            return
        self.ask(
            text.VERIFYING_LICENSE,
            lambda: self._judge(path),
            then=self._verified,
            refused=self._refused,
        )

    def _judge(self, path: str) -> LicenseSummary:
        """Have the license judged by the keys of the medium; blocks.

        The medium is opened again: an engine that was idle has ended meanwhile.
        """
        engine, medium = self.owner.engine, self.state.answer("medium")
        if medium:
            engine.medium(medium, self.state.answer("trust") or None)
        return engine.license(path)

    def action_next(self) -> None:
        """Go on to the settings; a path that was typed is verified first."""
        typed = self.query_one("#license", TextEntry).value.strip()
        if typed and self.state.license is None:
            self.action_verify()
        else:
            self.state.answers["license"] = typed
            self.owner.go(Stage.SETTINGS)

    def action_request(self) -> None:
        """Make a license request of this host, as a code to photograph and a file."""
        self.owner.open_license(LicenseRequestScreen())

    def action_carried(self) -> None:
        """Take a license from a paste, a scanner or a file that was carried in."""
        self.owner.open_license(LicenseCarriedScreen())

    def on_screen_resume(self) -> None:
        """Show the license that was chosen on a page above."""
        entry = self.query_one("#license", TextEntry)
        if entry.value.strip() != self.state.answer("license"):
            with self.prevent(Input.Changed):
                entry.value = self.state.answer("license")
            self._refusal = None
        self.refill()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Verify as soon as a path is accepted."""
        message.stop()
        self.action_verify()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Forget a result that is no longer about what is typed."""
        if message.value.strip() != self.state.answer("license"):
            self.state.license = None
            self._refusal = None
            self.refill()

    def on_candidates_chosen(self, message: Candidates.Chosen) -> None:
        """Take one that was found."""
        self.query_one("#license", TextEntry).value = str(message.path)
        self.action_verify()

    def _verified(self, license_: LicenseSummary) -> None:
        self.state.license = license_
        self._refusal = None
        self.refill()
        self.actions.focus_first()

    def _refused(self, finding: Finding) -> None:
        self.state.license = None
        self._refusal = finding
        self.refill()
        self.query_one("#license", TextEntry).focus()
