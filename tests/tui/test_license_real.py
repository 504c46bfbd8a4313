"""The license pages over the real engine, license files and license container."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from installer.client import EngineClient
from installer.protocol import Status
from installer.tui.app import AnechoicApp
from installer.tui.face import Face
from installer.tui.surroundings import Surroundings
from offline_license.extension import make_chain
from offline_license.frames import split
from offline_license.intake import SignedObject, recognize
from offline_license.mini import verify_mini_request
from tests.support.desk import engine_of
from tests.support.fake_site import FakeSite
from tests.support.license_host import LicenseHost
from tests.support.qr_raster import read_by
from tests.support.screen_photo import photograph
from tests.support.terminal import Terminal, settled, text_of, type_text, until

pytestmark = pytest.mark.long


class InstalledClient(EngineClient):
    """The real client, of an appliance whose services are taken for installed."""

    host: LicenseHost
    lock: threading.Lock

    @override
    def status(self) -> Status:
        with self.lock:
            found = super().status()
        answer = {"installed": True, "license": self.host.licenses.status()}
        return found.model_copy(update=answer)


@pytest.fixture
def host(tmp_path: Path) -> LicenseHost:
    return LicenseHost(tmp_path).prepare()


@pytest.fixture
def app(host: LicenseHost) -> Iterator[AnechoicApp]:
    site = replace(FakeSite(host.root).site(), licenses=host.licenses)
    with host.container(), engine_of(site):
        client = InstalledClient(host.paths, autostart=False)
        client.host, client.lock = host, threading.Lock()
        surroundings = Surroundings(log_path="log", places=tuple, kept=host.root)
        yield AnechoicApp(client, Face(), surroundings)
        client.close()


async def _open(pilot: Terminal, *keys: str) -> None:
    await until(pilot, lambda: "Seen " in text_of(pilot.app))
    for key in ("l", *keys):
        await pilot.press(key)
        await settled(pilot)


async def _give(pilot: Terminal, words: str) -> None:
    await _open(pilot, "n", "right", "down")
    await type_text(pilot, words)
    await until(pilot, lambda: "Genuine" in text_of(pilot.app))
    await pilot.press("enter")
    await until(pilot, lambda: "nstalled" in text_of(pilot.app).split("Genuine")[0])
    for key in ("escape", "escape"):
        await pilot.press(key)
        await settled(pilot)


async def test_a_first_license_is_pasted_and_shown(
    app: AnechoicApp, host: LicenseHost
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "NO LICENSE" in text_of(app))
        await _give(pilot, host.license_text())
        await _open(pilot)
        await until(pilot, lambda: "Example Hospital" in text_of(app))

        assert "through 2028-01-13" in text_of(app)
        assert "NO LICENSE" not in text_of(app)
    assert host.installed == {"license.alic": 1}


async def test_the_mini_request_fits_80x24_and_is_genuine(
    app: AnechoicApp, host: LicenseHost
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await _give(pilot, host.license_text())
        await _open(pilot, "w")
        await until(pilot, lambda: "Code 1 of 1" in text_of(app))
        text = read_by(photograph(pilot))["zxing"]

    found = recognize(text.encode())
    assert isinstance(found, SignedObject)
    assert verify_mini_request(found.data, host.install_public).serial == "630B-A094/1"


async def test_an_answer_comes_back_as_parts_in_any_order(
    app: AnechoicApp, host: LicenseHost
) -> None:
    frames = split(host.response_bytes(seq=2), 500)
    async with app.run_test(size=(80, 24)) as pilot:
        await _give(pilot, host.license_text())
        await _open(pilot, "n", "right", "down")
        await type_text(pilot, frames[-1] + "\n")
        await until(pilot, lambda: "STOP" in text_of(app))
        await type_text(pilot, "\n".join(frames[:-1]) + "\n")
        await until(pilot, lambda: "the vendor's answer" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Installed and in force" in text_of(app))

    assert host.installed == {"license.alic": 2}


async def test_a_code_extends_what_has_ended(
    app: AnechoicApp, host: LicenseHost
) -> None:
    chain = make_chain(host.issuer.terms().lid, bytes(13), count=2, days=14)
    async with app.run_test(size=(80, 24)) as pilot:
        await _give(pilot, host.license_text(extension=chain.anchor))
        await _open(pilot, "n", "left", "down")
        await type_text(pilot, chain.codes[0])
        await settled(pilot)
        await pilot.press("enter")

        await until(pilot, lambda: "The code was accepted" in text_of(app))


async def test_the_rehearsal_and_the_drill_are_those_of_production(
    app: AnechoicApp, host: LicenseHost
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await _give(pilot, host.license_text())
        await _open(pilot)
        await until(pilot, lambda: "Example Hospital" in text_of(app))
        await pilot.press("s")
        await until(pilot, lambda: "GRACE" in text_of(app))

        await pilot.press("t")
        await until(pilot, lambda: "! DRILL" in text_of(app))


async def test_the_clock_is_confirmed_and_a_backup_is_told(
    app: AnechoicApp, host: LicenseHost
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await _give(pilot, host.license_text())
        await _open(pilot, "c")
        for one in ("c", "right", "enter"):
            await pilot.press(one)
            await settled(pilot)
        await until(pilot, lambda: "Noted: date and time are right" in text_of(app))
        for one in ("b", "right", "enter"):
            await pilot.press(one)
            await settled(pilot)
        await until(pilot, lambda: "Noted: a backup was" in text_of(app))
