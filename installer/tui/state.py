"""What the wizard has learned and decided so far, and in which order it asks.

One object holds every answer for as long as the program runs: going back,
a refusal or a failed installation loses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from installer.findings import Finding, Severity
from installer.protocol import CheckLine, LicenseSummary, MediumSummary, Plan
from installer.settings import Settings, parse_settings


class Stage(StrEnum):
    """The screens of the wizard, in order; the value is shown in the rail."""

    WELCOME = "Welcome"
    CHECKS = "Checks"
    MEDIUM = "Medium"
    LICENSE = "License"
    SETTINGS = "Settings"
    PLAN = "Plan"
    INSTALL = "Install"
    DONE = "Done"


ORDER = tuple(Stage)
RAIL = ORDER[1:]


def after(stage: Stage) -> Stage:
    """Return the stage that follows; the last one follows itself."""
    return ORDER[min(ORDER.index(stage) + 1, len(ORDER) - 1)]


def before(stage: Stage) -> Stage:
    """Return the stage that comes before; the first one precedes itself."""
    return ORDER[max(ORDER.index(stage) - 1, 0)]


@dataclass(slots=True)
class WizardState:
    """Answers and facts of one run of the wizard.

    Attributes:
        answers: values for `Settings` by name, as text, as the operator gave them.
        checks: of the last look at the machine; None before the first.
        medium: the verified medium, once there is one.
        license: the verified license, once there is one.
        plan: what an installation would do, once it was asked for.
    """

    answers: dict[str, str] = field(default_factory=dict)
    checks: tuple[CheckLine, ...] | None = None
    medium: MediumSummary | None = None
    license: LicenseSummary | None = None
    plan: Plan | None = None

    def answer(self, name: str) -> str:
        """Return the answer to one question, empty when there is none yet."""
        return self.answers.get(name, "")

    def adopt(self, settings: Settings | None) -> None:
        """Take the answers of an earlier installation, unless there are own ones."""
        if settings is not None and not self.answer("medium"):
            values = settings.model_dump(mode="json")
            given = {n: "" if v is None else str(v) for n, v in values.items()}
            self.answers = {**given, **self.answers}

    def settings(self, changes: Mapping[str, str] | None = None) -> Settings:
        """Return the checked settings.

        Raises:
            SettingsInvalidError: with a finding for every wrong value.
        """
        values = {**self.answers, **(changes or {})}
        return parse_settings({name: typed(name, values[name]) for name in values})


def typed(name: str, text: str) -> object:
    """Read a form's text: a number where the setting is one, else text."""
    number = isinstance(Settings.model_fields[name].default, int)
    return int(text) if number and text.isascii() and text.isdigit() else text


def stops(findings: tuple[Finding, ...]) -> bool:
    """Return whether any finding forbids going on."""
    return any(finding.severity is Severity.ERROR for finding in findings)
