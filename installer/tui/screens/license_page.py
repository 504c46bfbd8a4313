"""The frame of the license pages: laid over any page, Esc goes back to it."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from typing_extensions import override

from installer.license_view import LicenseView
from installer.protocol import Status
from installer.tui.screens.page import Page


class LicensePage(Page):
    """A page about the license; it works in every state of the license."""

    title_words = "license"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back")]

    @property
    def view(self) -> LicenseView | None:
        """Return what the license service said last."""
        return self.owner.license_seen

    @property
    def status(self) -> Status | None:
        """Return what the engine said last."""
        return self.owner.status_seen

    @override
    def action_back(self) -> None:
        """Go back to the page below."""
        self.dismiss(None)
