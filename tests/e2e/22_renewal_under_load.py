"""A license ends while eight clients work, and is renewed by code, QR text and file.

The answer to each request is counted: none may be lost, none may be served after the
license has ended, and none may be refused once it is renewed. No container of those
that serve is restarted by a renewal.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.demo.phases import Demo
from tests.demo.speech import spoken_wav
from tests.demo.vendor import Vendor
from tests.support.clients import Answer, Clients, working
from tests.support.license_time import pass_time
from tests.support.redis_server import wait_until
from tests.support.site import Site, docker

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]

CLIENTS = 8
SOON_S = 20
ENDED = "license_refused"


@pytest.fixture(scope="module")
def licensed(site: Site) -> Site:
    """An appliance whose license has 60 days, 14 of grace, codes, and then stops."""
    request = site.root / "carried/host.areq"
    request.parent.mkdir(parents=True, exist_ok=True)
    done = site.run("license", "request", "--output", request)
    assert done.status == 0, done
    site.vendor.license(
        Demo(), "issue", "--request", request, "--customer", "Example Hospital",
        "--through", _day(60), "--grace-days", "14", "--post", "stop",
        "--extension-codes", "3", "--output", site.license,
    )  # fmt: skip
    done = site.install()
    assert done.status == 0, done
    return site


@pytest.fixture
def clients(licensed: Site, key: str) -> Clients:
    return Clients(licensed.url, key, spoken_wav("doctor patient ready", "en")[0])


@pytest.fixture(scope="module")
def key(licensed: Site) -> str:
    return licensed.new_key()


def _day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def _license(site: Site) -> dict[str, Any]:
    return site.run("license", "status", "--json").json_lines()[0]


def _until(site: Site) -> int:
    """Return when the next state is due, seconds UTC."""
    return int(datetime.fromisoformat(_license(site)["until"]).timestamp())


def _let_end_soon(site: Site, state: str) -> None:
    """Let the site live through to this state, and until shortly before its end."""
    while _license(site)["state"] != state:
        pass_time(site, _until(site) + 1)
    pass_time(site, _until(site) - SOON_S)


def _refused(answer: Answer) -> bool:
    return answer.code == ENDED


def _served(answer: Answer) -> bool:
    return answer.served


def test_the_grace_begins_unnoticed_by_eight_clients(
    licensed: Site, clients: Clients
) -> None:
    _let_end_soon(licensed, "EXPIRING")

    with working(clients, CLIENTS):
        wait_until(lambda: _license(licensed)["state"] == "GRACE", timeout_s=60)
        clients.wait(_served, timeout_s=30)

    assert clients.lost == []
    assert {answer.status for answer in clients.answers} == {200}


def _by_code(site: Site, vendor: Vendor, _folder: Path) -> None:
    serial = str(_license(site)["license"]["serial"])
    told = vendor.license(Demo(), "extend", serial)
    code = re.search(r"^code +(\S+)$", told, re.MULTILINE)
    assert code
    done = site.run("license", "extend", code[1])
    assert done.status == 0, done


def _by_qr_text(site: Site, vendor: Vendor, folder: Path) -> None:
    """The request goes out as the text of its small QR code, the answer comes as text."""
    asked = site.run("license", "request", "--mini", "--json", "--output", folder / "r")
    small = folder / "small.txt"
    small.write_text(asked.json_lines()[0]["mini"][0])
    answer = folder / "answer.txt"
    vendor.license(
        Demo(), "renew", small, "--through", _day(400), "--output", folder / "a.arsp",
        "--qr-text", answer,
    )  # fmt: skip
    done = site.run("license", "install", "--paste", given=answer.read_text())
    assert done.status == 0, done


def _by_file(site: Site, vendor: Vendor, folder: Path) -> None:
    request, answer = folder / "host.areq", folder / "host.arsp"
    asked = site.run("license", "request", "--output", request)
    assert asked.status == 0, asked
    vendor.license(Demo(), "renew", request, "--through", _day(900), "--output", answer)
    done = site.run("license", "install", answer)
    assert done.status == 0, done


@pytest.mark.parametrize("renew", [_by_code, _by_qr_text, _by_file])
def test_the_end_refuses_and_the_renewal_serves_again(
    licensed: Site,
    vendor: Vendor,
    clients: Clients,
    tmp_path: Path,
    renew: Callable[[Site, Vendor, Path], None],
) -> None:
    _let_end_soon(licensed, "GRACE")
    before = docker("ps", "-q", "--no-trunc")

    with working(clients, CLIENTS):
        clients.wait(_served, timeout_s=60)
        first_refusal = clients.wait(_refused, timeout_s=90)
        ended = _license(licensed)["state"]
        renew(licensed, vendor, tmp_path)
        first_service = clients.wait(_served, timeout_s=60)
        clients.wait(_served, timeout_s=30)

    assert ended == "RESTRICTED"
    assert clients.lost == []
    assert {answer.code for answer in clients.answers} == {"", ENDED}
    between = [
        answer
        for answer in clients.answers
        if first_refusal.answered_at < answer.sent_at
        and answer.answered_at < first_service.sent_at
    ]
    assert between
    assert not any(answer.served for answer in between)
    after = [a for a in clients.answers if a.sent_at > first_service.answered_at]
    assert after
    assert all(answer.served for answer in after)
    assert sorted(docker("ps", "-q", "--no-trunc").split()) == sorted(before.split())
