"""Choose the release medium, and see who signed what is on it."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import MediumSummary
from installer.tui import formats, text
from installer.tui.screens.page import WizardPage
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.candidates import Candidates
from installer.tui.widgets.facts import Fact, Facts
from installer.tui.widgets.fields import Field, TextEntry
from installer.tui.widgets.finding import FindingView

MECHANICAL_ROLES = frozenset({"snapshot", "timestamp", "licensing"})


class MediumScreen(WizardPage):
    """Path of the medium and of the trust anchor; the verified release."""

    topic = "medium"
    stage = Stage.MEDIUM
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("next", "Continue"),
        Choice("verify", "Verify"),
        Choice("look", "Look again"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "look", "Look"),
        Binding("f5", "look", "Look", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._refusal: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield Field("Medium", TextEntry(self.state.answer("medium"), id="medium"))
        yield Field("Trust anchor", TextEntry(self.state.answer("trust"), id="trust"))
        yield Candidates(text.CANDIDATES, text.NO_MEDIA)
        yield Facts(id="facts")
        yield FindingView()

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.refill()
        if self.state.medium is None:
            self.query_one("#medium", TextEntry).focus()
            self.action_look()
        else:
            self.actions.focus_first()

    @override
    def refill(self) -> None:
        medium = self.state.medium
        searching = medium is None and self._refusal is None
        self.query_one(Candidates).display = searching
        self.query_one(Facts).display = medium is not None
        if medium is not None:
            self.query_one(Facts).show(facts(medium))
            self.notice(text.MEDIUM_OK, "$success")
        self.query_one(FindingView).show(self._refusal)
        self.actions.allow("next", allowed=medium is not None)

    def action_look(self) -> None:
        """Search what is mounted for a medium."""
        self.ask(
            "Looking for a medium",
            self.owner.find_media,
            then=self._looked,
            refused=self._refused,
        )

    def _looked(self, found: tuple[Path, ...]) -> None:
        self._refusal = None
        self.refill()
        self.query_one(Candidates).show(found, looked=True)
        if found and not self.query_one("#medium", TextEntry).value:
            self.query_one(Candidates).focus_list()

    def action_verify(self) -> None:
        """Have the engine verify the medium."""
        path = self.query_one("#medium", TextEntry).value.strip()
        trust = self.query_one("#trust", TextEntry).value.strip()
        if not path:
            self.notice(text.MEDIUM_NEEDED, "$warning")
            self.query_one("#medium", TextEntry).focus()
            return
        self.state.answers.update(medium=path, trust=trust)
        engine = self.owner.engine
        self.ask(
            text.VERIFYING,
            lambda: engine.medium(path, trust or None),
            then=self._verified,
            refused=self._refused,
        )

    def action_next(self) -> None:
        """Go on to the license."""
        if self.state.medium is not None:
            self.owner.go(Stage.LICENSE)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Verify as soon as a path is accepted."""
        message.stop()
        self.action_verify()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Forget a result that is no longer about what is typed."""
        name = message.input.id or ""
        if message.value.strip() != self.state.answer(name):
            self.state.medium = None
            self._refusal = None
            self.refill()

    def on_candidates_chosen(self, message: Candidates.Chosen) -> None:
        """Take one that was found."""
        self.query_one("#medium", TextEntry).value = str(message.path)
        self.action_verify()

    def _verified(self, medium: MediumSummary) -> None:
        self.state.medium = medium
        self._refusal = None
        self.refill()
        self.actions.focus_first()

    def _refused(self, finding: Finding) -> None:
        self.state.medium = None
        self._refusal = finding
        self.refill()
        self.query_one("#medium", TextEntry).focus()


def facts(medium: MediumSummary) -> list[Fact]:
    """Return what the operator compares with the papers of the medium."""
    images = ", ".join(image.name for image in medium.images)
    models = ", ".join(model.name for model in medium.models)
    install_by = formats.utc(medium.install_by) if medium.install_by else "no limit"
    return [
        ("Release", f"{medium.product_version} (number {medium.release_seq})"),
        ("Made", formats.utc(medium.created)),
        ("Install by", install_by),
        ("Signed by", signed_by(medium.signers)),
        ("Containers", images),
        ("Models", models),
        ("Trust anchor", medium.anchor_fingerprint or "not available"),
        ("To be loaded", formats.size(medium.total_bytes)),
    ]


def signed_by(signers: tuple[str, ...]) -> str:
    """Return the keys that signed, by role, each by the start of its number."""
    keys: dict[str, list[str]] = {}
    for signer in signers:
        role, _, key_id = signer.partition(" ")
        if role not in MECHANICAL_ROLES:
            keys.setdefault(role, []).append(key_id[:8])
    parts = [f"{role} {' '.join(ids)}" for role, ids in keys.items()]
    return ", ".join(parts) or "not available"
