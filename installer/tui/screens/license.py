"""Choose the license, or write the request with which the vendor issues one."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import LicenseRequestBody, LicenseSummary
from installer.tui import formats, paint, text
from installer.tui.screens.page import WizardPage, section
from installer.tui.screens.save import SaveDialog
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.facts import Fact, Facts
from installer.tui.widgets.fields import Field, TextEntry
from installer.tui.widgets.finding import FindingView
from installer.tui.widgets.rows import RowList


class LicenseScreen(WizardPage):
    """Path of the license; licensee, state and dates of a verified one."""

    topic = "license"
    stage = Stage.LICENSE
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("next", "Continue"),
        Choice("verify", "Verify"),
        Choice("request", "Write a request file"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "request", "Write a request file"),
        Binding("f6", "request", "Write a request file", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[Path, ...] = ()
        self._refusal: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield Field(
            "License file", TextEntry(self.state.answer("license"), id="license")
        )
        yield section(text.CANDIDATES)
        yield RowList(id="candidates")
        yield Facts(id="facts")
        yield FindingView()

    def on_mount(self) -> None:
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
        self.query_one(".section").display = searching
        self.query_one(RowList).display = searching
        self.query_one(RowList).show(self._candidate_rows())
        self.query_one(Facts).display = license_ is not None
        if license_ is not None:
            self.query_one(Facts).show(facts(license_))
        notable = license_.findings[0] if license_ and license_.findings else None
        self.query_one(FindingView).show(self._refusal or notable)

    def _candidate_rows(self) -> list[Content]:
        if not self._found:
            return [Content.styled(text.NO_LICENSES, paint.MUTED)]
        return [Content(str(path)) for path in self._found]

    def _looked(self, found: tuple[Path, ...]) -> None:
        self._found = found
        self.refill()
        if found and not self.query_one("#license", TextEntry).value:
            self.query_one(RowList).focus()

    def action_verify(self) -> None:
        """Have the engine verify the license."""
        path = self.query_one("#license", TextEntry).value.strip()
        self.state.answers["license"] = path
        if not path:
            self.notice(text.LICENSE_SKIPPED, "$warning")
            self.actions.focus_first()
            return
        engine = self.owner.engine
        self.ask(
            text.VERIFYING_LICENSE,
            lambda: engine.license(path),
            then=self._verified,
            refused=self._refused,
        )

    def action_next(self) -> None:
        """Go on to the settings; a path that was typed is verified first."""
        typed = self.query_one("#license", TextEntry).value.strip()
        if typed and self.state.license is None:
            self.action_verify()
        else:
            self.state.answers["license"] = typed
            self.owner.go(Stage.SETTINGS)

    def action_request(self) -> None:
        """Make a license request of this host and ask where to write it."""
        self.ask(
            "Making the request",
            self.owner.engine.license_request,
            then=self._offer_request,
            refused=self._refused,
        )

    def _offer_request(self, request: LicenseRequestBody) -> None:
        dialog = SaveDialog(
            "Write the license request",
            "Carry this file to the vendor; the answer is the license. It holds hashes "
            "of this machine's identity and no speech.",
            suggestion=f"/root/{request.filename}",
            data=request.armored,
        )
        self.app.push_screen(dialog, self._written)

    def _written(self, path: str | None) -> None:
        if path:
            self.notice(f"The request is in {path}.", "$success")

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

    def on_option_list_option_selected(
        self, message: OptionList.OptionSelected
    ) -> None:
        """Take a license that was found."""
        if self._found:
            entry = self.query_one("#license", TextEntry)
            entry.value = str(self._found[message.option_index])
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


def facts(license_: LicenseSummary) -> list[Fact]:
    """Return licensee, state and both dates, each in UTC and in local time."""
    return [
        ("Licensee", license_.customer),
        ("License", license_.license_id),
        ("State", Content.styled(license_.state, "bold $success")),
        ("Valid until", formats.utc(license_.exp)),
        ("", f"{formats.local(license_.exp)} here"),
        ("Grace until", formats.utc(license_.term)),
        ("", f"{formats.local(license_.term)} here"),
        *((name, str(value)) for name, value in sorted(license_.entitlements.items())),
    ]
