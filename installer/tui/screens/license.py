"""Choose the license, or write the request with which the vendor issues one."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import ClassVar

from pydantic import JsonValue
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import LicenseRequestBody, LicenseSummary
from installer.tui import formats, paint, text
from installer.tui.screens.page import WizardPage
from installer.tui.screens.save import SaveDialog
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.candidates import Candidates
from installer.tui.widgets.facts import Fact, Facts
from installer.tui.widgets.fields import Field, TextEntry
from installer.tui.widgets.finding import FindingView


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
        Binding("w", "request", "Request"),
        Binding("f6", "request", "Request", show=False),
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
            self.query_one(Facts).show(facts(license_, self.owner.surroundings.zone))
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


def facts(license_: LicenseSummary, zone: tzinfo | None) -> list[Fact]:
    """Return licensee, state and both dates, each in UTC and in local time."""
    return [
        ("Licensee", license_.customer),
        ("License", license_.license_id),
        ("State", Content.styled(license_.state.upper(), "bold $success")),
        ("Valid until", _both(license_.exp, zone)),
        ("Grace until", _both(license_.term, zone)),
        *(
            (name.capitalize(), words)
            for name, value in license_.entitlements.items()
            if (words := entitlement(value))
        ),
    ]


def _both(moment: datetime, zone: tzinfo | None) -> Content:
    """Return an instant in UTC, and in local time where that differs."""
    here = formats.local(moment, zone)
    utc = formats.utc(moment)
    return (
        Content(utc)
        if here == utc
        else Content.assemble(utc, (f"   {here}", paint.MUTED))
    )


def entitlement(value: JsonValue) -> str:
    """Return an entitlement in words: lists and limits a comma apart."""
    if isinstance(value, dict):
        known = [(name, one) for name, one in value.items() if one is not None]
        return ", ".join(f"{name.replace('_', ' ')} {one}" for name, one in known)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
