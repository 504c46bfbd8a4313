"""Every step with its size and time, before anything is changed."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from typing_extensions import override

from installer.findings import Finding, Severity
from installer.protocol import Operation, Plan, PlanStep
from installer.settings import dump_answers
from installer.tui import formats, paint, text
from installer.tui.screens.page import WizardPage
from installer.tui.screens.save import SaveDialog
from installer.tui.state import Stage, stops
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.finding import FindingView
from installer.tui.widgets.rows import RowList

ANSWERS_NAME = "anechoic-answers.toml"


class PlanScreen(WizardPage):
    """What speaks against it first, then the steps; nothing runs until Install."""

    topic = "plan"
    stage = Stage.PLAN
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("apply", "Install"),
        Choice("plan", "Plan again"),
        Choice("save", "Save answers"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "plan", "Plan"),
        Binding("f5", "plan", "Plan", show=False),
        Binding("w", "save", "Save"),
        Binding("f6", "save", "Save", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._refusal: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield RowList(id="steps")
        yield Static(id="total")
        yield FindingView(titled=False)

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.state.plan = None
        self.refill()
        self.action_plan()

    @override
    def refill(self) -> None:
        plan = self.state.plan
        self.actions.allow("apply", allowed=plan is not None and not self._blocked())
        rows = [paint.finding_line(one, self.glyphs) for one in self._findings()]
        rows += [step_line(step, self.row_width) for step in plan.steps] if plan else []
        self.query_one(RowList).show(rows)
        self._explain(self.query_one(RowList).highlighted)
        self.query_one("#total", Static).update(
            total_line(plan, self.row_width) if plan else ""
        )
        if plan is not None or self._refusal is not None:
            self._conclude()

    def _conclude(self) -> None:
        wrong = sum(one.severity is Severity.ERROR for one in self._findings())
        if wrong:
            words = f"{formats.count(wrong, 'finding')} {text.PLAN_BLOCKED}"
            self.notice(words, "bold $error")
        else:
            self.notice(
                Content.assemble(
                    ("Ready. ", "bold $success"),
                    ("By command: save the answers, then ", paint.MUTED),
                    "anechoic install --answers FILE",
                )
            )

    def _findings(self) -> tuple[Finding, ...]:
        if self._refusal is not None:
            return (self._refusal,)
        plan = self.state.plan
        return tuple(
            one
            for one in (plan.findings if plan else ())
            if one.severity is not Severity.INFO
        )

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        return self._findings()

    def _blocked(self) -> bool:
        return stops(self._findings())

    def action_plan(self) -> None:
        """Ask the engine for the plan."""
        engine, settings = self.owner.engine, self.state.settings()
        self.ask(
            text.PLANNING,
            lambda: engine.plan(settings),
            then=self._planned,
            refused=self._refused,
        )

    def action_apply(self) -> None:
        """Start the installation; from here on the engine works by itself."""
        if self.state.plan is None or self._blocked():
            return
        engine, settings = self.owner.engine, self.state.settings()
        self.actions.allow("apply", allowed=False)
        self.ask(
            text.STARTING,
            lambda: engine.install(settings),
            then=self._started,
            refused=self._refused,
        )

    def action_save(self) -> None:
        """Ask where to write the answers."""
        dialog = SaveDialog(
            "Save the answers",
            "The file holds every setting, also the defaults, and no secret. Install "
            "with it by: anechoic install --answers FILE",
            suggestion=str(self.owner.surroundings.kept / ANSWERS_NAME),
            data=dump_answers(self.state.settings()),
        )
        self.app.push_screen(dialog, self._saved)

    def on_option_list_option_highlighted(
        self, message: OptionList.OptionHighlighted
    ) -> None:
        """Explain the highlighted line when it is a finding."""
        self._explain(message.option_index)

    def _saved(self, path: str | None) -> None:
        if path:
            self.notice(f"The answers are in {path}.", "$success")

    def _planned(self, plan: Plan) -> None:
        self.state.plan = plan
        self._refusal = None
        self.refill()
        if self._blocked():
            self.query_one(RowList).focus()
        else:
            self.query_one(RowList).highlighted = len(self._findings())
            self.actions.focus_first()

    def _started(self, _operation: Operation) -> None:
        self.owner.go(Stage.INSTALL)

    def _refused(self, finding: Finding) -> None:
        self._refusal = finding
        self.refill()
        self.query_one(RowList).focus()

    def _explain(self, index: int | None) -> None:
        findings = self._findings()
        chosen = index is not None and index < len(findings)
        self.query_one(FindingView).show(findings[index or 0] if chosen else None)


def step_line(step: PlanStep, width: int) -> Content:
    """Return one step with its size and expected time."""
    size_text = formats.size(step.size_bytes) if step.size_bytes else ""
    return Content.assemble(
        paint.pad(step.title, width - 26),
        (f"{size_text:>11}", "$secondary"),
        (f"{formats.estimate(step.estimate_s):>15}", paint.MUTED),
    )


def total_line(plan: Plan, width: int) -> Content:
    """Return the sums of a plan."""
    return Content.assemble(
        "  ",
        (
            paint.pad(
                f"Together, {formats.count(len(plan.steps), 'step')}", width - 26
            ),
            "bold",
        ),
        (f"{formats.size(plan.total_bytes):>11}", "bold"),
        (f"{formats.estimate(plan.total_estimate_s):>15}", "bold"),
    )
