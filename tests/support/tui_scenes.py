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
    NO_GPU,
    PORT_TAKEN,
    medium_summary,
    two_gpus,
)
from tests.support.fake_license import (
    CODES,
    EXP,
    FakeLicense,
    license_summary,
    troubled,
)
from tests.support.fake_license import license_json as answer
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
    await settled(pilot)


async def _carried(app: AnechoicApp, pilot: Terminal) -> None:
    await _empty_license(app, pilot)
    await settled(pilot)
    await pilot.press("f3")


def licensed(act: Act) -> Act:
    """Open the license page from the status page, then act there."""

    async def opened(app: AnechoicApp, pilot: Terminal) -> None:
        await _status(app, pilot)
        await pilot.press("l")
        await until(pilot, lambda: "Licensee" in text_of(app))
        await act(app, pilot)

    return opened


def keys(*pressed_keys: str) -> Act:
    async def act(_app: AnechoicApp, pilot: Terminal) -> None:
        for key in pressed_keys:
            await pilot.press(key)
            await settled(pilot)

    return act


async def _install(app: AnechoicApp, pilot: Terminal) -> None:
    await keys("n")(app, pilot)


async def _install_text(app: AnechoicApp, pilot: Terminal) -> None:
    await keys("n", "right", "down")(app, pilot)


async def _pasted(app: AnechoicApp, pilot: Terminal) -> None:
    await _install_text(app, pilot)
    await type_text(pilot, "-----BEGIN ANECHOIC RESPONSE-----")
    await settled(pilot)


async def _smaller(app: AnechoicApp, pilot: Terminal) -> None:
    await _install_text(app, pilot)
    await type_text(pilot, "smaller")
    await settled(pilot)
    await keys("enter")(app, pilot)


async def _frames(app: AnechoicApp, pilot: Terminal) -> None:
    await _install_text(app, pilot)
    await type_text(pilot, "frames")
    await settled(pilot)


def _typed_code(code: str) -> Act:
    async def act(app: AnechoicApp, pilot: Terminal) -> None:
        await keys("n", "left", "down")(app, pilot)
        await type_text(pilot, code)
        await settled(pilot)

    return act


def site(**changes: object) -> Callable[[], FakeEngine]:
    """An installed appliance whose license service answers like this."""

    def engine() -> FakeEngine:
        service = FakeLicense(answer(**changes))  # type: ignore[arg-type]
        return FakeEngine(installed=True, license_service=service)

    return engine


def crowded() -> FakeEngine:
    """Everything at once: a banner, flags, an add-on, two GPUs, two findings."""
    return FakeEngine(
        installed=True,
        gpus=two_gpus(),
        notes=(NO_GPU, PORT_TAKEN),
        license_service=FakeLicense(troubled()),
    )


def troubled_site() -> FakeEngine:
    return FakeEngine(installed=True, license_service=FakeLicense(troubled()))


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


SOON = EXP.replace(month=1, day=1)
MISHEARD = CODES[0][:-1] + ("0" if CODES[0][-1] != "0" else "1")
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
    Scene("license-paste", _carried),
    Scene("license-show", licensed(_nothing), installed),
    Scene("license-flags", licensed(keys("shift+tab")), troubled_site),
    Scene("license-code", licensed(keys("w")), installed),
    Scene("license-frames", licensed(keys("w", "f")), installed),
    Scene("license-too-small", licensed(keys("w", "b")), installed),
    Scene("license-text", licensed(keys("w", "t")), installed),
    Scene("license-save", licensed(keys("w", "w")), installed),
    Scene("license-install", licensed(_install), installed),
    Scene("license-answer", licensed(_pasted), installed),
    Scene("license-loss", licensed(_smaller), installed),
    Scene("license-part", licensed(_frames), installed),
    Scene("license-spoken", licensed(_typed_code(CODES[0])), installed),
    Scene("license-misheard", licensed(_typed_code(MISHEARD)), installed),
    Scene("license-rehearse", licensed(keys("s")), installed),
    Scene("license-drill", licensed(keys("s", "t")), installed),
    Scene("license-confirm", licensed(keys("c")), troubled_site),
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
    Scene("status-expiring", _status, site(state="EXPIRING", exp=SOON)),
    Scene("status-license-trouble", _status, troubled_site),
    Scene("help", pressed("question_mark", _status), installed),
    Scene("display", pressed("d", _status), installed),
    Scene(
        "details", pressed("v", at(Stage.CHECKS)), lambda: FakeEngine(port_taken=True)
    ),
    Scene("basic-checks", at(Stage.CHECKS), face=BASIC),
    Scene("basic-medium", _empty_medium, face=BASIC),
    Scene("basic-progress", _progress, lambda: FakeEngine(ticks=13, speed=0), BASIC),
    Scene("status-full", _status, crowded),
    Scene("basic-status-full", _status, crowded, BASIC),
    Scene("basic-license-part", licensed(_frames), installed, BASIC),
    Scene("basic-license-show", licensed(_nothing), troubled_site, BASIC),
    Scene("basic-license-install", licensed(_pasted), installed, BASIC),
    Scene(
        "basic-status",
        _status,
        lambda: FakeEngine(installed=True, gpus=two_gpus()),
        BASIC,
    ),
)
