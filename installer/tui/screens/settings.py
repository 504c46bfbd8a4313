"""The settings, as fields made from the one settings model."""

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on
from textual.widget import Widget
from textual.widgets import Input, Static
from typing_extensions import override

from installer.findings import Finding
from installer.settings import SettingField, SettingsInvalidError, setting_fields
from installer.tui import text
from installer.tui.screens.page import WizardPage
from installer.tui.state import Stage
from installer.tui.widgets.actions import Choice
from installer.tui.widgets.fields import Field, TextEntry, WordChoice

ELSEWHERE = frozenset({"medium", "trust", "license"})


def shown_fields() -> tuple[SettingField, ...]:
    """Return the settings asked for here; the others have pages of their own."""
    return tuple(one for one in setting_fields() if one.name not in ELSEWHERE)


class SettingsScreen(WizardPage):
    """One field per setting, explained and checked while it is typed."""

    topic = "settings"
    stage = Stage.SETTINGS
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("next", "Continue"),
        Choice("defaults", "Defaults"),
        Choice("back", "Back"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._fields = {one.name: one for one in shown_fields()}

    @override
    def body(self) -> Iterable[Widget]:
        basic = [one for one in self._fields.values() if not one.advanced]
        advanced = [one for one in self._fields.values() if one.advanced]
        yield from (self._row(one) for one in basic)
        yield Static("Private networks, rarely changed", classes="section")
        yield from (self._row(one) for one in advanced)
        yield Static(id="field-help")

    def _row(self, one: SettingField) -> Field:
        value = self.state.answer(one.name) or one.default
        if one.choices:
            return Field(one.title, WordChoice(one.choices, value, id=one.name))
        return Field(one.title, TextEntry(value, id=one.name))

    def on_mount(self) -> None:
        """Fill the page and put the focus on the likely action."""
        self.actions.focus_first()
        self._check()

    def values(self) -> dict[str, str]:
        """Return what stands in the fields now."""
        return {name: self._entry(name).value.strip() for name in self._fields}

    def _entry(self, name: str) -> TextEntry | WordChoice:
        widget = self.query_one(f"#{name}")
        assert isinstance(widget, TextEntry | WordChoice)  # noqa: S101  made above
        return widget

    @on(events.DescendantFocus)
    def explain_field(self, event: events.DescendantFocus) -> None:
        """Explain the field one is in."""
        one = self._fields.get(event.widget.id or "")
        self.query_one("#field-help", Static).update(one.help if one else "")

    def on_input_changed(self, _message: Input.Changed) -> None:
        """Check while typing."""
        self._check()

    def on_word_choice_changed(self, _message: WordChoice.Changed) -> None:
        """Check after a change."""
        self._check()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter goes to the next field."""
        message.stop()
        self.focus_next()

    def _check(self) -> tuple[Finding, ...]:
        """Check all fields and say the first thing that is wrong."""
        try:
            self.state.settings(self.values())
        except SettingsInvalidError as error:
            self.notice(f"{self.glyphs.failed} {plain(error.findings[0])}", "$error")
            return error.findings
        self.notice(text.SETTINGS_OK, "$success")
        return ()

    def action_next(self) -> None:
        """Keep the values and go on, or go to the first wrong field."""
        wrong = self._check()
        if not wrong:
            self.state.answers.update(self.values())
            self.owner.go(Stage.PLAN)
            return
        name = wrong[0].evidence.partition(":")[0]
        self._entry(name if name in self._fields else next(iter(self._fields))).focus()

    @override
    def action_back(self) -> None:
        self.state.answers.update(self.values())
        super().action_back()

    def action_defaults(self) -> None:
        """Put the default into every field."""
        for name, one in self._fields.items():
            self._entry(name).value = one.default
        self._check()


def plain(finding: Finding) -> str:
    """Return the evidence of a settings finding with the field's own title."""
    name, _, what = finding.evidence.partition(": ")
    titles = {one.name: one.title for one in setting_fields()}
    what = what.removeprefix("Value error, ")
    return f"{titles[name]}: {what}" if name in titles else what
