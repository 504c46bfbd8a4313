"""A vendor, and a medium of it that a test may break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bundles.medium import VerifiedMedium, open_medium
from tests.support.media import MediumFactory


@pytest.fixture(scope="session")
def _shared_vendor(tmp_path_factory: pytest.TempPathFactory) -> MediumFactory:
    vendor = MediumFactory(tmp_path_factory.mktemp("vendor"))
    vendor.build("pristine")
    return vendor


@pytest.fixture
def vendor(_shared_vendor: MediumFactory) -> MediumFactory:
    """The vendor of ``medium_dir``; read it, do not build with it."""
    return _shared_vendor


@pytest.fixture
def factory(tmp_path: Path) -> MediumFactory:
    """A vendor of the test's own."""
    return MediumFactory(tmp_path / "vendor")


@pytest.fixture
def medium_dir(vendor: MediumFactory, tmp_path: Path) -> Path:
    """A copy of a good medium that the test may change."""
    target = tmp_path / "medium"
    shutil.copytree(vendor.root / "pristine", target)
    return target


@pytest.fixture
def opened(vendor: MediumFactory, medium_dir: Path) -> VerifiedMedium:
    return open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)


@pytest.fixture
def flip() -> Callable[[Path, int], None]:
    """Change one bit of a file."""

    def change(path: Path, position: int = -1) -> None:
        data = bytearray(path.read_bytes())
        data[position] ^= 1
        path.write_bytes(data)

    return change
