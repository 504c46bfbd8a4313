"""The whole wizard by keyboard alone, against an engine in memory."""

from pathlib import Path

from installer.tui.screens.done import DoneScreen
from installer.tui.screens.license import LicenseScreen
from installer.tui.screens.medium import MediumScreen
from installer.tui.screens.plan import PlanScreen
from installer.tui.screens.preflight import PreflightScreen
from installer.tui.screens.settings import SettingsScreen
from installer.tui.screens.status import StatusScreen
from tests.support.fake_engine_client import FakeEngine
from tests.support.terminal import (
    USB,
    Terminal,
    make_app,
    settled,
    text_of,
    type_text,
    until,
)


async def _through_to_settings(pilot: Terminal) -> None:
    await settled(pilot)
    await pilot.press("enter")
    await settled(pilot)
    assert isinstance(pilot.app.screen, PreflightScreen)
    await pilot.press("enter")
    await settled(pilot)
    assert isinstance(pilot.app.screen, MediumScreen)
    await type_text(pilot, USB)
    await pilot.press("tab")
    await type_text(pilot, "/root/a.json")
    await pilot.press("enter")
    await settled(pilot)
    await pilot.press("enter")
    await settled(pilot)
    assert isinstance(pilot.app.screen, LicenseScreen)
    await type_text(pilot, "/root/h.alic")
    await pilot.press("enter")
    await settled(pilot)
    await pilot.press("enter")
    await settled(pilot)
    assert isinstance(pilot.app.screen, SettingsScreen)


async def test_the_wizard_installs_with_keys_alone() -> None:
    engine = FakeEngine(speed=3)
    async with make_app(engine).run_test() as pilot:
        await _through_to_settings(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, PlanScreen)
        assert "install" not in engine.calls

        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoneScreen))
        await settled(pilot)

        assert "http://127.0.0.1:8080" in text_of(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, StatusScreen))
    assert engine.settings is not None
    assert engine.settings.medium == Path(USB)
    assert engine.trust == "/root/a.json"


async def test_a_changed_setting_reaches_the_engine() -> None:
    engine = FakeEngine()
    async with make_app(engine).run_test() as pilot:
        await _through_to_settings(pilot)
        await pilot.press("up", "up", "up", "left")  # up to the choice of compute
        while pilot.app.focused is None or pilot.app.focused.id != "port":
            await pilot.press("up")
        await pilot.press("ctrl+u", "9", "0", "0", "0", "escape", "enter")
        await settled(pilot)

    assert engine.settings is not None
    assert engine.settings.port == 9000
    assert engine.settings.compute == "gpu"


async def test_a_wrong_setting_keeps_the_page_and_leads_to_the_field() -> None:
    async with make_app(FakeEngine()).run_test() as pilot:
        await _through_to_settings(pilot)
        port = pilot.app.screen.query_one("#port")
        port.focus()
        await pilot.press("ctrl+u", "x", "escape", "enter")
        await settled(pilot)

        assert isinstance(pilot.app.screen, SettingsScreen)
        assert pilot.app.focused is port
        assert "API port" in text_of(pilot.app)


async def test_going_back_keeps_every_answer() -> None:
    async with make_app(FakeEngine()).run_test() as pilot:
        await _through_to_settings(pilot)

        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)

        assert isinstance(pilot.app.screen, MediumScreen)
        assert USB in text_of(pilot.app)
        assert "0.1.0 (number 1)" in text_of(pilot.app)


async def test_a_medium_that_was_found_is_chosen_with_enter(tmp_path: Path) -> None:
    for name in ("tuf", "release"):
        (tmp_path / name).mkdir()
    engine = FakeEngine()
    async with make_app(engine, found=(tmp_path,)).run_test() as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)

        await pilot.press("enter")
        await settled(pilot)

        assert "The medium is genuine" in text_of(pilot.app)


async def test_answers_of_an_earlier_run_stand_in_the_fields() -> None:
    answers = {"port": "9999", "medium": USB}
    async with make_app(FakeEngine(), answers=answers).run_test() as pilot:
        await _through_medium_and_license(pilot)

        assert "9999" in text_of(pilot.app)


async def _through_medium_and_license(pilot: Terminal) -> None:
    await settled(pilot)
    for _ in range(2):
        await pilot.press("enter")
        await settled(pilot)
    await pilot.press("enter")
    await settled(pilot)
    await pilot.press("enter")
    await settled(pilot)
    await pilot.press("escape", "enter")
    await settled(pilot)


async def test_leaving_with_answers_asks_first() -> None:
    async with make_app(FakeEngine()).run_test() as pilot:
        await _through_to_settings(pilot)

        await pilot.press("q")
        await pilot.pause()
        assert "Leave the wizard?" in text_of(pilot.app)
        await pilot.press("enter")
        await pilot.pause()

        assert isinstance(pilot.app.screen, SettingsScreen)


async def test_answers_and_requests_are_written_where_asked(tmp_path: Path) -> None:
    target = tmp_path / "answers.toml"
    async with make_app(FakeEngine()).run_test() as pilot:
        await _through_to_settings(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("w")
        await pilot.pause()
        await pilot.press("ctrl+u")
        await type_text(pilot, str(target))
        await pilot.press("enter")
        await settled(pilot)

        assert "The answers are in" in text_of(pilot.app)
    assert f'medium = "{USB}"' in target.read_text()
