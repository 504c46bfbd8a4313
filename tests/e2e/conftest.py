"""One vendor for all journeys, one site for each file of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.phases import ROOT, Demo
from tests.demo.vendor import Vendor
from tests.support.site import Site, our_containers


@pytest.fixture(scope="session")
def vendor() -> Vendor:
    """A vendor with keys and a signed medium, built by the vendor's own commands."""
    vendor, demo = Vendor(ROOT / "build/e2e"), Demo()
    vendor.make_keys(demo)
    vendor.build_medium(demo)
    return vendor


@pytest.fixture(scope="module")
def site(vendor: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that is removed afterwards; there must be no other on this machine."""
    others = our_containers()
    if others:
        pytest.exit(f"an appliance is installed here ({others[0]}); remove it first", 1)
    site = Site(_short_folder(tmp_path_factory), vendor)
    yield site
    done = site.uninstall()
    assert done.status in (0, 9), done
    assert our_containers() == []


def _short_folder(factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose path leaves room for the name of a unix socket."""
    return factory.mktemp("site")
