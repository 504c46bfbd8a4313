"""A disk that is full for a while, at the two places where the program writes."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from appliance.license_proxy.book_files import BookFiles
from appliance.license_proxy.memory import Store

if TYPE_CHECKING:
    import pytest


class FullDisk:
    """Lets every write of memory and ledger fail while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def fill(self) -> None:
        """Leave no room."""
        self._monkeypatch.setattr(Store, "save", _full)
        self._monkeypatch.setattr(BookFiles, "save_hour", _full)
        self._monkeypatch.setattr(BookFiles, "write_records", _full)

    def free(self) -> None:
        """Make room again."""
        self._monkeypatch.undo()


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
