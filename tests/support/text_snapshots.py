"""Compare the text of a screen with the one kept in the repository.

Set ANECHOIC_UPDATE_SNAPSHOTS=1 to write what is there now; only the Python the
snapshots are made with may do that.
"""

import difflib
import os
import sys
from pathlib import Path

PYTHON = (3, 11)
UPDATE = "ANECHOIC_UPDATE_SNAPSHOTS"


class WrongPythonError(Exception):
    """Snapshots are made with one Python only."""


def check_snapshot(folder: Path, name: str, text: str) -> None:
    """Assert that a screen looks as it did, or keep how it looks now."""
    path = folder / f"{name}.txt"
    if os.environ.get(UPDATE) == "1":
        write_snapshot(path, text, sys.version_info[:2])
    expected = path.read_text() if path.exists() else ""
    changes = difflib.unified_diff(
        expected.splitlines(), text.splitlines(), "kept", "now", lineterm=""
    )
    assert expected == text, f"{path.name} changed:\n" + "\n".join(changes)


def write_snapshot(path: Path, text: str, python: tuple[int, ...]) -> None:
    """Keep a screen; refused on any other Python."""
    if python != PYTHON:
        raise WrongPythonError(f"expected Python {PYTHON}, found {python}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
