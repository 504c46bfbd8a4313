"""The running operation: steps ticking, bytes, times, where the log is."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import Operation, OperationState, StepState, StepStatus
from installer.tui import formats, paint, text
from installer.tui.glyphs import Glyphs
from installer.tui.messages import EngineSilent, OperationSeen
from installer.tui.screens.page import Page
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.finding import FindingView
from installer.tui.widgets.rows import RowList

COUNTED = 1000
WORDS_WIDTH = 30
ENDED_BADLY = (OperationState.FAILED, OperationState.INTERRUPTED)
FINISHED = (StepState.DONE, StepState.SKIPPED)


class ProgressScreen(Page):
    """A view of the operation; leaving and coming back loses nothing."""

    topic = "progress"
    stage = Stage.INSTALL
    parting_words = text.LEAVE_RUNNING
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("app.leave", text.LEAVE_LABEL),
        Choice("retry", "Try again"),
        Choice("change", "Back to the plan"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._operation: Operation | None = None
        self._silence: Finding | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield Static(id="overall")
        yield RowList(id="steps")
        yield FindingView()

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self._offer(failed=False)
        self.actions.focus_first()
        self.owner.watch_operation()

    def on_operation_seen(self, message: OperationSeen) -> None:
        """Show the newest state; go on when the operation has ended well."""
        operation = message.operation
        if operation is None:
            return
        self._operation = operation
        self._silence = None
        if operation.state in ENDED_BADLY:
            self.state.adopt(operation.settings)
        self.refill()
        if operation.state is OperationState.SUCCEEDED:
            if operation.kind == "install":
                self.owner.go(Stage.DONE)
            else:
                self.owner.go(Stage.WELCOME)

    def on_engine_silent(self, message: EngineSilent) -> None:
        """Say that what is shown is old; the operation itself is not ours."""
        self._silence = message.finding
        self.query_one(FindingView).show(message.finding)

    @override
    def refill(self) -> None:
        operation = self._operation
        if operation is None:
            return
        ended_badly = operation.state in ENDED_BADLY
        self.query_one("#heading", Static).update(heading(operation))
        lead = text.FAILED_LEAD if ended_badly else text.LEADS[Stage.INSTALL]
        self.query_one("#lead", Static).update(lead)
        self.query_one("#overall", Static).update(
            overall(operation, self.glyphs, self.owner.surroundings.now())
        )
        beat = int(self.owner.surroundings.now().timestamp())
        steps = self.query_one(RowList)
        steps.show(
            [step_line(s, self.glyphs, beat, self.row_width) for s in operation.steps]
        )
        if not steps.has_focus:
            steps.highlighted = current_index(operation)
        self.query_one(FindingView).show(self._silence or operation.finding)
        self._offer(failed=ended_badly)
        self._say_where(operation)

    @override
    def findings_shown(self) -> tuple[Finding, ...]:
        operation = self._operation
        warnings = operation.warnings if operation else ()
        return super().findings_shown() + warnings

    def _say_where(self, operation: Operation) -> None:
        self.notice(
            Content.assemble(
                ("Started ", paint.MUTED),
                formats.clock(operation.started, self.owner.surroundings.zone),
                ("   Log ", paint.MUTED),
                self.owner.surroundings.log_path,
            )
        )

    def _offer(self, *, failed: bool) -> None:
        """Offer what fits the state; move the focus when that changes."""
        retry = self.actions.item("retry")
        changed = retry.display is not failed
        retry.display = failed
        self.actions.item("change").display = failed
        leave = self.actions.item("app.leave")
        leave.choice = Choice("app.leave", "Leave" if failed else text.LEAVE_LABEL)
        leave.refresh(layout=True)
        if changed and failed:
            retry.focus()

    def action_retry(self) -> None:
        """Start the same installation again; finished steps are kept."""
        if not self.state.answer("medium"):
            self.owner.go(Stage.CHECKS)
            return
        engine, settings = self.owner.engine, self.state.settings()
        self.ask(
            text.STARTING,
            lambda: engine.install(settings),
            then=lambda _operation: self.owner.watch_operation(),
            refused=self._refused,
        )

    def action_change(self) -> None:
        """Go back to the plan, or to the first question if nothing is known."""
        known = self.state.answer("medium")
        self.owner.go(Stage.PLAN if known else Stage.CHECKS)

    def _refused(self, finding: Finding) -> None:
        self.query_one(FindingView).show(finding)


def heading(operation: Operation) -> str:
    """Return what happens, in one line."""
    doing, done = {
        "install": ("Installing", "The installation"),
        "uninstall": ("Removing the appliance", "The removal"),
        "load": ("Loading the release", "Loading"),
    }[operation.kind]
    match operation.state:
        case OperationState.RUNNING:
            return doing
        case OperationState.SUCCEEDED:
            return f"{done} is complete"
        case OperationState.FAILED:
            return f"{done} failed; finished steps are kept"
        case OperationState.INTERRUPTED:
            return f"{done} was interrupted; finished steps are kept"


def overall(operation: Operation, glyphs: Glyphs, now: datetime) -> Content:
    """Return the line above the steps: how many, how much, how long."""
    finished = sum(step.state in FINISHED for step in operation.steps)
    done = sum(_done_bytes(step) for step in operation.steps)
    total = sum(step.total_bytes for step in operation.steps)
    passed = (operation.ended or now) - operation.started
    style = "$error" if operation.finding else "$primary"
    percent = formats.percent(finished, len(operation.steps))
    return Content.assemble(
        paint.bar(percent, 100, 22, glyphs, style),
        f"  {finished} of {formats.count(len(operation.steps), 'step')}",
        (f"   {formats.size(done)} of {formats.size(total)}", "$secondary"),
        (f"   {formats.duration(passed.total_seconds())}", paint.MUTED),
    )


def _done_bytes(step: StepStatus) -> int:
    return step.total_bytes if step.state in FINISHED else step.done_bytes


def current_index(operation: Operation) -> int:
    """Return the step to look at: the running or failed one, else the last done."""
    for index, step in enumerate(operation.steps):
        if step.state in (StepState.RUNNING, StepState.FAILED):
            return index
    finished = sum(step.state in FINISHED for step in operation.steps)
    return max(0, min(finished, len(operation.steps) - 1))


def step_line(step: StepStatus, glyphs: Glyphs, beat: int, width: int) -> Content:
    """Return one step: tick box, title, and what there is to say about it."""
    return Content.assemble(
        paint.step_mark(step.state, glyphs, beat),
        " ",
        (paint.pad(step.title, width - 35), paint.step_style(step.state)),
        " ",
        step_words(step, glyphs),
    )


def step_words(step: StepStatus, glyphs: Glyphs) -> Content:
    """Return the right half of a step's line."""
    match step.state:
        case StepState.RUNNING:
            return running_words(step, glyphs)
        case StepState.DONE:
            return _muted(_took(step), glyphs)
        case StepState.SKIPPED:
            return _muted(step.detail or "kept from before", glyphs)
        case StepState.FAILED:
            return Content.styled("failed", "bold $error")
        case StepState.PENDING:
            return Content.styled(
                formats.size(step.total_bytes) if step.total_bytes else "", paint.MUTED
            )


def running_words(step: StepStatus, glyphs: Glyphs) -> Content:
    """Return how far a running step is: a meter of bytes, a count, or words."""
    if not step.total_bytes:
        return _muted(step.detail or "running", glyphs)
    if step.total_bytes < COUNTED:
        return Content(f"{step.done_bytes} of {step.total_bytes}")
    return Content.assemble(
        paint.bar(step.done_bytes, step.total_bytes, 12, glyphs, "$primary"),
        f" {formats.percent(step.done_bytes, step.total_bytes):>3} %",
        (f"  {formats.size(step.done_bytes)}", "$secondary"),
    )


def _muted(words: str, glyphs: Glyphs) -> Content:
    """Return words that fit the right half of a step's line."""
    fitting = formats.shorten_end(words, WORDS_WIDTH, glyphs.ellipsis)
    return Content.styled(fitting, paint.MUTED)


def _took(step: StepStatus) -> str:
    """Return how long a step took and what it says about its result."""
    took = 0.0
    if step.started is not None and step.ended is not None:
        took = (step.ended - step.started).total_seconds()
    parts = [formats.duration(took)] if took >= 1 else []
    return ", ".join([*parts, *([step.detail] if step.detail else [])]) or "done"


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
