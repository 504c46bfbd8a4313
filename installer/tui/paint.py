"""Colored text for the screens, made in one place. Pure functions.

Styles name theme variables, so each theme and the 16-color mode give their own
colors, and every colored word also carries a glyph or a word.
"""

from textual.content import Content

from installer.findings import Finding, Severity
from installer.protocol import OperationState, StepState
from installer.tui import formats
from installer.tui.glyphs import Glyphs

MUTED = "$text-muted"
WHOLE = 100
FULL_PERCENT = 95
FILLING_PERCENT = 85

_STEP_STYLE = {
    StepState.PENDING: MUTED,
    StepState.RUNNING: "bold $primary",
    StepState.DONE: "$success",
    StepState.SKIPPED: MUTED,
    StepState.FAILED: "bold $error",
}
_SEVERITY_STYLE = {
    Severity.ERROR: "bold $error",
    Severity.WARNING: "bold $warning",
    Severity.INFO: "$success",
}
_SEVERITY_WORD = {
    Severity.ERROR: "STOP",
    Severity.WARNING: "NOTE",
    Severity.INFO: "ok",
}


def severity_mark(severity: Severity, glyphs: Glyphs) -> Content:
    """Return glyph and word of a severity, eight cells wide."""
    glyph = {
        Severity.ERROR: glyphs.failed,
        Severity.WARNING: glyphs.warning,
        Severity.INFO: glyphs.info,
    }[severity]
    text = f"{glyph} {_SEVERITY_WORD[severity]:<4}"
    return Content.styled(text, _SEVERITY_STYLE[severity])


def finding_line(finding: Finding, glyphs: Glyphs) -> Content:
    """Return one finding as a row of a list."""
    return Content.assemble(
        severity_mark(finding.severity, glyphs),
        "  ",
        finding.title,
        (f"  {finding.code}", MUTED),
    )


def step_mark(state: StepState, glyphs: Glyphs, beat: int = 0) -> Content:
    """Return the tick box of a step; a running one turns with `beat`."""
    glyph = {
        StepState.PENDING: glyphs.pending,
        StepState.RUNNING: glyphs.spinner[beat % len(glyphs.spinner)],
        StepState.DONE: glyphs.done,
        StepState.SKIPPED: glyphs.done,
        StepState.FAILED: glyphs.failed,
    }[state]
    return Content.styled(glyph, _STEP_STYLE[state])


def step_style(state: StepState) -> str:
    """Return the style of a step's title."""
    return _STEP_STYLE[state]


def operation_word(state: OperationState) -> Content:
    """Return the state of an operation as a colored word."""
    style = {
        OperationState.RUNNING: "bold $primary",
        OperationState.SUCCEEDED: "bold $success",
        OperationState.FAILED: "bold $error",
        OperationState.INTERRUPTED: "bold $warning",
    }[state]
    return Content.styled(state.value, style)


def bar(part: float, whole: float, width: int, glyphs: Glyphs, style: str) -> Content:
    """Return a meter of `width` cells, filled in proportion.

    Little is not nothing and nearly all is not all: one cell tells them apart.
    """
    percent = formats.percent(part, whole)
    full = width if percent == WHOLE else min(width - 1, -(-percent * width // WHOLE))
    return Content.assemble(
        (glyphs.bar_full * full, style),
        (glyphs.bar_empty * (width - full), "$rail"),
    )


def load_style(percent: float) -> str:
    """Return the style of a meter where high means trouble."""
    if percent >= FULL_PERCENT:
        return "$error"
    return "$warning" if percent >= FILLING_PERCENT else "$primary"


def pad(text: str, width: int) -> str:
    """Cut or fill text to a width."""
    return text[:width].ljust(width)
