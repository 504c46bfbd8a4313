"""Every page of the terminal program in a state worth looking at.

One list serves the snapshots and the pictures in the documentation.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from installer.tui.app import AnechoicApp
from installer.tui.face import Face
from installer.tui.state import Stage
from tests.support.fake_engine_client import FakeEngine
from tests.support.fake_engine_facts import (
    license_summary,
    medium_summary,
    two_gpus,
)
from tests.support.terminal import (
    USB,
    Terminal,
    make_app,
    settled,
    text_of,
    type_text,
    until,
)

LICENSE = f"{USB}/harbor.alic"
Act = Callable[[AnechoicApp, Terminal], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A name, the engine it plays on, and what leads there."""

    name: str
    act: Act
    engine: Callable[[], FakeEngine] = FakeEngine
    face: Face = field(default_factory=Face)

    def app(self) -> AnechoicApp:
        return make_app(self.engine(), face=self.face, found=())

    async def play(self, app: AnechoicApp, pilot: Terminal) -> None:
        await settled(pilot)
        await self.act(app, pilot)
        await settled(pilot)


def _know_everything(app: AnechoicApp) -> None:
    app.state.answers.update(medium=USB, trust="/root/anchor.json", license=LICENSE)
    app.state.medium = medium_summary(USB)
    app.state.license = license_summary()


def at(stage: Stage) -> Act:
    async def act(app: AnechoicApp, pilot: Terminal) -> None:
        _know_everything(app)
        app.go(stage)
        await pilot.pause()

    return act


async def _nothing(_app: AnechoicApp, _pilot: Terminal) -> None:
    return


async def _empty_medium(app: AnechoicApp, pilot: Terminal) -> None:
    app.go(Stage.MEDIUM)
    await pilot.pause()


async def _candidates(app: AnechoicApp, pilot: Terminal) -> None:
    app.go(Stage.MEDIUM)
    await settled(pilot)
    paths = (Path(USB), Path("/mnt/disk2/anechoic-0.1.0"))
    app.screen.query_one("Candidates").show(paths, looked=True)  # type: ignore[attr-defined]
    app.screen.query_one("RowList").focus()


async def _tampered(app: AnechoicApp, pilot: Terminal) -> None:
    await _empty_medium(app, pilot)
    await settled(pilot)
    await type_text(pilot, "/media/tampered")
    await pilot.press("enter")


async def _empty_license(app: AnechoicApp, pilot: Terminal) -> None:
    _know_everything(app)
    app.state.license = None
    app.state.answers["license"] = ""
    app.go(Stage.LICENSE)
    await pilot.pause()


async def _request(app: AnechoicApp, pilot: Terminal) -> None:
    await _empty_license(app, pilot)
    await settled(pilot)
    await pilot.press("f6")


async def _wrong_setting(app: AnechoicApp, pilot: Terminal) -> None:
    await at(Stage.SETTINGS)(app, pilot)
    entry = app.screen.query_one("#port")
    entry.focus()
    entry.value = "90800"  # type: ignore[attr-defined]
    await pilot.pause()


async def _progress(app: AnechoicApp, pilot: Terminal) -> None:
    _know_everything(app)
    app.go(Stage.INSTALL)
    await until(pilot, lambda: "6 of 17 steps" in text_of(app))


async def _failed(app: AnechoicApp, pilot: Terminal) -> None:
    _know_everything(app)
    app.go(Stage.INSTALL)
    await until(pilot, lambda: "Try again" in text_of(app))


async def _status(app: AnechoicApp, pilot: Terminal) -> None:
    await until(pilot, lambda: "Seen 13:00:00" in text_of(app))


def pressed(key: str, before: Act) -> Act:
    async def act(app: AnechoicApp, pilot: Terminal) -> None:
        await before(app, pilot)
        await pilot.press(key)
        await pilot.pause()

    return act


def installed() -> FakeEngine:
    return FakeEngine(installed=True)


BASIC = Face(basic=True)
SCENES = (
    Scene("welcome", _nothing),
    Scene("welcome-silent", _nothing, lambda: FakeEngine(silent=True)),
    Scene("checks", at(Stage.CHECKS)),
    Scene(
        "checks-stop",
        at(Stage.CHECKS),
        lambda: FakeEngine(port_taken=True),
    ),
    Scene("medium", _empty_medium),
    Scene("medium-found", _candidates),
    Scene("medium-verified", at(Stage.MEDIUM)),
    Scene("medium-refused", _tampered),
    Scene("license", _empty_license),
    Scene("license-verified", at(Stage.LICENSE)),
    Scene("license-request", _request),
    Scene("settings", at(Stage.SETTINGS)),
    Scene("settings-wrong", _wrong_setting),
    Scene("plan", at(Stage.PLAN)),
    Scene(
        "plan-stop",
        at(Stage.PLAN),
        lambda: FakeEngine(port_taken=True),
    ),
    Scene("progress", _progress, lambda: FakeEngine(ticks=13, speed=0)),
    Scene(
        "progress-failed", _failed, lambda: FakeEngine(ticks=30, fails_at="wait-health")
    ),
    Scene("done", at(Stage.DONE), installed),
    Scene("status", _status, installed),
    Scene("status-gpus", _status, lambda: FakeEngine(installed=True, gpus=two_gpus())),
    Scene(
        "status-trouble",
        _status,
        lambda: FakeEngine(installed=True, services_down=True),
    ),
    Scene("help", pressed("question_mark", _status), installed),
    Scene("display", pressed("d", _status), installed),
    Scene(
        "details", pressed("v", at(Stage.CHECKS)), lambda: FakeEngine(port_taken=True)
    ),
    Scene("basic-checks", at(Stage.CHECKS), face=BASIC),
    Scene("basic-medium", _empty_medium, face=BASIC),
    Scene("basic-progress", _progress, lambda: FakeEngine(ticks=13, speed=0), BASIC),
    Scene(
        "basic-status",
        _status,
        lambda: FakeEngine(installed=True, gpus=two_gpus()),
        BASIC,
    ),
)
