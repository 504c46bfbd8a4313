"""A site and its vendor with the cable cut: paper, camera, telephone and stick.

Both sides are the real ones; what passes between them is what a person carries.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from typing_extensions import override

from appliance.vendor.license_keys import load_anchor, load_keyset_bytes
from appliance.vendor.licensing import LicenseTerms, extension_code, issue_license
from appliance.vendor.renewal import RenewalOrder, renew_license
from installer.cli.qr_pages import pages
from installer.protocol import LicenseRequestBody
from installer.qr import Screen
from offline_license.anchor import LicenseAnchor
from offline_license.frames import split
from offline_license.scanner import scanner_text
from offline_license.tolerances import DAY_S
from tests.support.license_host import LicenseHost
from tests.support.licensing import Issuer
from tests.support.qr_raster import Look, decode
from tests.support.vendor_office import PASSPHRASE, Office

TERMS = LicenseTerms("Example Hospital", date(2027, 9, 30), extension_codes=3)
CONSOLE = Screen(80, 23)


@dataclass
class _OfOffice(Issuer):
    """The trust of an office, for a host."""

    folder: Path = Path()

    @property
    @override
    def anchor(self) -> LicenseAnchor:
        return load_anchor(self.folder)

    @override
    def keyset_bytes(self, **changes: object) -> bytes:
        return load_keyset_bytes(self.folder)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.made(tmp_path / "office")


@pytest.fixture
def host(tmp_path: Path, office: Office) -> LicenseHost:
    """A site with its first license, which came by file."""
    host = LicenseHost(tmp_path / "site", _OfOffice(folder=office.keys)).prepare()
    asked = host.licenses.request().armored.encode()
    first = issue_license(asked, office.keys, PASSPHRASE, TERMS, now=office.now)
    host.licenses.install_bytes(first.text.encode(), None)
    return host


def _seen(request: LicenseRequestBody) -> bytes:
    """Return what a telephone reads from a console of 80x24."""
    shown = pages(request, CONSOLE)
    read = [next(iter(decode(page.lines, Look()).values())) for page in shown]
    return "\n".join(read).encode()


@pytest.mark.parametrize("way", ["armored", "binary", "frames", "scanner"])
def test_a_camera_carries_the_question_and_paper_the_answer(
    host: LicenseHost, office: Office, way: str
) -> None:
    question = _seen(host.licenses.request())
    now = host.clocks.wall_s
    renewal = renew_license(
        question, office.keys, PASSPHRASE, RenewalOrder(date(2028, 9, 30)), now=now
    )
    data = renewal.issued.data
    answer = {
        "armored": renewal.text.encode(),
        "binary": renewal.response,
        "frames": "\n".join(reversed(split(data, 400))).encode(),
        "scanner": scanner_text(data).encode(),
    }[way]

    with host.container() as keeper:
        summary = host.licenses.install_bytes(answer, None)
        active = keeper.refresh().active

    assert (summary.outcome, summary.losses) == ("installed", ())
    assert active is not None
    assert active.license.serial == renewal.issued.license.serial


def test_a_first_request_is_seen_in_three_codes(tmp_path: Path, office: Office) -> None:
    host = LicenseHost(tmp_path / "new", _OfOffice(folder=office.keys)).prepare()
    question = _seen(host.licenses.request())

    first = issue_license(question, office.keys, PASSPHRASE, TERMS, now=office.now)

    assert question.count(b"\n") == 2
    assert host.licenses.install_bytes(first.data, None).outcome == "installed"


def test_the_telephone_carries_fourteen_days(host: LicenseHost, office: Office) -> None:
    with host.container() as keeper:
        view = keeper.refresh()
        assert view.active is not None
        terms = view.active.license
        host.clocks.run(terms.term - host.clocks.wall_s + 4 * DAY_S)
        for _ in range(80):
            host.clocks.run(3600)
            keeper.refresh()
        before = keeper.refresh().decision.state.name
        spoken = extension_code(office.keys, PASSPHRASE, lid=terms.lid, index=1)

        host.licenses.install_bytes(spoken.replace("-", " ").lower().encode(), None)

        after = keeper.refresh().decision.state.name

    assert (before, after) == ("RESTRICTED", "GRACE")


def test_an_answer_that_was_lost_is_asked_for_again(
    host: LicenseHost, office: Office
) -> None:
    order = RenewalOrder(date(2028, 9, 30))
    now = host.clocks.wall_s
    question = _seen(host.licenses.request())
    lost = renew_license(question, office.keys, PASSPHRASE, order, now=now)
    again = renew_license(question, office.keys, PASSPHRASE, order, now=now + 60)

    summary = host.licenses.install_bytes(again.response, None)
    late = host.licenses.check_bytes(again.text.encode(), None)

    assert summary.outcome == "installed"
    assert late.outcome == "same"
    assert again.issued.license.seq == lost.issued.license.seq + 1
