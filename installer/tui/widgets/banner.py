"""The line about the license that stands on every page while there is a need."""

from typing import TYPE_CHECKING, Final, cast

from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Severity
from installer.license_banner import Banner, license_banner
from installer.tui import paint
from installer.tui.look import look_of

if TYPE_CHECKING:
    from installer.tui.app import AnechoicApp

HINT: Final = "  F4: license"
_STYLES: Final = {
    Severity.INFO: "$primary",
    Severity.WARNING: "bold $warning",
    Severity.ERROR: "bold $error",
}


class LicenseBanner(Static):
    """One line, taken from what the license service said last; else no line.

    Args:
        hintless: do not tell the key of the license page: one is there already.
    """

    def __init__(self, *, hintless: bool = False) -> None:
        super().__init__()
        self._hintless = hintless

    def on_mount(self) -> None:
        """Follow what the program learns about the license."""
        self.show(self._banner())
        self.watch(self.app, "license_seen", self._seen, init=False)

    def _seen(self) -> None:
        self.show(self._banner())

    def _banner(self) -> Banner | None:
        owner = cast("AnechoicApp", self.app)
        return license_banner(owner.license_seen, owner.surroundings.now())

    def show(self, banner: Banner | None) -> None:
        """Show a banner, or give the line back to the page."""
        self.display = banner is not None
        self.refresh(layout=True)

    @override
    def render(self) -> Content:
        banner = self._banner()
        if banner is None:
            return Content("")
        glyphs = look_of(self).glyphs
        mark = glyphs.warning.strip()
        words = f"{mark} {banner.words}"
        room = self.size.width - len(words)
        hint = HINT if room >= len(HINT) and not self._hintless else ""
        return Content.assemble((words, _STYLES[banner.severity]), (hint, paint.MUTED))
