"""``kill -9`` at every system call of an installation of a license."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.license_files import read_site
from appliance.license_proxy.site import Accepted, judge
from tests.support.license_host import LicenseHost
from tests.support.licensing import EXP, IAT, TERM
from tests.support.sudden_death import deaths

pytestmark = pytest.mark.long


LATER = 30 * 86400


MEMORY = Path("/dev/shm")


@pytest.fixture
def host() -> Iterator[LicenseHost]:
    """A host in memory where there is such a folder: hundreds of syncs are free."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as root:
        host = LicenseHost(Path(root)).prepare()
        host.licenses.install_bytes(host.license_bytes(), None)
        yield host


def _in_force(host: LicenseHost) -> set[int]:
    """Return the sequences that the license container would take, as it reads them."""
    site = judge(read_site(host.paths.license), host.issuer.anchor, Accepted())
    return {one.license.seq for one in site.licenses}


def _die_everywhere(host: LicenseHost, data: bytes) -> list[set[int]]:
    """Return what was in force after each death, and show that one more try helps."""
    saved = host.root / "saved"
    shutil.copytree(host.paths.license, saved)

    def reset() -> None:
        shutil.rmtree(host.paths.license)
        shutil.copytree(saved, host.paths.license)

    found = []
    for _ in deaths(lambda: host.licenses.install_bytes(data, None), reset):
        found.append(_in_force(host))
        host.licenses.install_bytes(data, None)
        assert 2 in _in_force(host)
        strays = [
            path for path in host.paths.license_public.iterdir() if path.name[0] == "."
        ]
        assert strays == []
    return found


def test_a_renewal_is_there_or_the_old_license_is(host: LicenseHost) -> None:
    found = _die_everywhere(host, host.license_bytes(seq=2))

    assert len(found) > 8
    assert {1} in found
    assert {2} in found
    assert all(one in ({1}, {2}) for one in found)


def test_a_response_leaves_something_in_force_at_every_call(host: LicenseHost) -> None:
    data = host.response_bytes(seq=2, keyset=host.issuer.keyset_bytes(version=2))

    found = _die_everywhere(host, data)

    assert len(found) > 20
    assert all(found)


def test_a_license_for_later_never_costs_the_one_in_force(host: LicenseHost) -> None:
    later = host.license_bytes(
        seq=2, nbf=IAT + LATER, exp=EXP + LATER, term=TERM + LATER
    )

    found = _die_everywhere(host, later)

    assert all(1 in one for one in found)
    assert {1, 2} in found
