"""The same ways in, before anything is installed: the license is kept for the plan."""

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from typing_extensions import override

from installer.protocol import LicenseSummary
from installer.tui import text
from installer.tui.screens.license_install import FILE, TEXT, LicenseInstallScreen
from installer.tui.screens.save import write_new
from installer.tui.widgets.actions import Choice

MOST_NAMES = 100


class LicenseCarriedScreen(LicenseInstallScreen):
    """A license for an installation that is being prepared; no code fits there."""

    heading = "The license for this machine"
    sources: ClassVar[tuple[str, ...]] = (TEXT, FILE)
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("install", "Use it"),
        Choice("check", "Check"),
        Choice("look", "Look again"),
        Choice("back", "Back"),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "install", "Use it"),
        Binding("f3", "install", "Use it", show=False),
    ]

    @override
    def judge(self, data: bytes) -> LicenseSummary:
        medium = self.state.answer("medium") or None
        trust = self.state.answer("trust") or None
        return self.owner.engine.check_license_bytes(data, medium=medium, trust=trust)

    @override
    def action_install(self) -> None:
        summary, data = self._summary, self._data
        if summary is None:
            self.action_check()
            return
        folder = self.owner.surroundings.kept
        self.ask(
            text.INSTALLING_LICENSE,
            lambda: keep(folder, summary.license_id, data),
            then=self._kept,
            refused=self._refused,
        )

    def _kept(self, path: str) -> None:
        self.state.answers["license"] = path
        self.state.license = self._summary
        self.action_back()


def keep(folder: Path, serial: str, data: bytes) -> str:
    """Keep what was carried in as a file that the installation reads; blocks.

    Raises:
        FileRefusedError: no file can be written there.
    """
    stem = serial.replace("/", "-") or "license"
    for name in (stem, *(f"{stem}-{number}" for number in range(2, MOST_NAMES))):
        path = folder / f"{name}.alic"
        if not path.exists():
            return write_new(path, data)
        if path.is_file() and path.read_bytes() == data:
            return str(path)
    return write_new(folder / f"{stem}.alic", data)
