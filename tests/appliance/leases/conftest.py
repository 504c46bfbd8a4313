from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.license_site import LicenseSite

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> LicenseSite:
    """An empty site with working clocks."""
    return LicenseSite(tmp_path)
