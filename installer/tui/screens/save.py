"""Ask where to write a file, and write it."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.widget import Widget
from textual.widgets import Input, Static
from typing_extensions import override

from installer.findings import Finding
from installer.tui import text
from installer.tui.screens.dialog import Dialog
from installer.tui.widgets.actions import ActionRow, Choice
from installer.tui.widgets.candidates import Candidates
from installer.tui.widgets.fields import Field, TextEntry

if TYPE_CHECKING:
    from installer.tui.app import AnechoicApp


class SaveDialog(Dialog[str]):
    """A path and a button; answers with the path that was written.

    Args:
        title: of the box.
        words: what the file is for.
        suggestion: a path to begin with.
        data: what is written.
        folders: media to choose from instead of typing.
    """

    def __init__(
        self,
        title: str,
        words: str,
        *,
        suggestion: str,
        data: str | bytes,
        folders: Sequence[Path] = (),
    ) -> None:
        super().__init__(
            title, words, (Choice("write", "Write"), Choice("close", "Cancel"))
        )
        self._suggestion = suggestion
        self._data = data.encode() if isinstance(data, str) else data
        self._folders = tuple(folders)

    @override
    def body(self) -> Iterable[Widget]:
        yield Field("Write to", TextEntry(self._suggestion, id="path"))
        if self._folders:
            yield Candidates(text.SAVE_MEDIA, "")

    @override
    def on_mount(self) -> None:
        super().on_mount()
        for one in self.query(Candidates):
            one.show(self._folders, looked=True)

    def on_candidates_chosen(self, message: Candidates.Chosen) -> None:
        """Take a medium, and keep the name of the file."""
        name = Path(self.query_one(TextEntry).value.strip() or self._suggestion).name
        self.query_one(TextEntry).value = str(message.path / name)
        self.query_one(ActionRow).focus_first()

    @override
    def focus_likely(self) -> None:
        self.query_one(TextEntry).focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Write as soon as the path is accepted."""
        message.stop()
        self.action_write()

    def action_write(self) -> None:
        """Write the file off the interface thread."""
        path, data = Path(self.query_one(TextEntry).value.strip()), self._data
        owner = cast("AnechoicApp", self.app)
        owner.ask(
            lambda: write_new(path, data), then=self.dismiss, refused=self._refused
        )

    def _refused(self, finding: Finding) -> None:
        if self.is_attached:
            self.query_one("#notice", Static).update(finding.evidence)
            self.query_one(ActionRow).focus_first()


def write_new(path: Path, data: bytes) -> str:
    """Write a file that does not exist yet, to the disk itself, and return its path.

    Raises:
        FileRefusedError: the path is relative, taken, or cannot be written.
    """
    if not path.is_absolute():
        raise FileRefusedError(f"expected an absolute path, found {str(path)!r}")
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # the stick may be pulled out now
    except FileExistsError:
        raise FileRefusedError(f"{path} exists already; choose another name") from None
    except OSError as error:
        raise FileRefusedError(f"{path}: {error.strerror}") from error
    return str(path)


class FileRefusedError(Exception):
    """A file was not written; the message says why."""

    code = "ANX-OP-90"
    title = "The file was not written"
    meaning = "Nothing else was changed."
    remedy = "Choose a folder that exists and a name that is free."
