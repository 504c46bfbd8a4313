from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.license_site import LicenseSite

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> LicenseSite:
    """An empty site with working clocks."""
    return LicenseSite(tmp_path)


@pytest.fixture
def fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave writing to the page cache, for histories of weeks without a power cut."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
