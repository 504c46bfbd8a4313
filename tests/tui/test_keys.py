"""Every key that is shown works, fits the line, is in the help and in the docs."""

from pathlib import Path

import pytest
from textual.content import Content
from textual.geometry import Offset

from installer.tui.app import PAGES, AnechoicApp
from installer.tui.face import Face
from installer.tui.screens.display import DisplayDialog
from installer.tui.screens.help import HelpScreen, help_keys
from installer.tui.screens.license_carried import LicenseCarriedScreen
from installer.tui.screens.license_confirm import LicenseConfirmScreen
from installer.tui.screens.license_install import LicenseInstallScreen
from installer.tui.screens.license_request import LicenseRequestScreen
from installer.tui.screens.license_show import LicenseShowScreen
from installer.tui.screens.license_simulate import LicenseSimulateScreen
from installer.tui.screens.page import Page
from installer.tui.screens.status import StatusScreen
from installer.tui.state import Stage
from installer.tui.widgets.chrome import KeyLine, fitting, shown_keys
from tests.support.fake_engine_client import FakeEngine
from tests.support.terminal import make_app, settled, text_of, until
from tests.support.tui_scenes import SCENES, Scene

DOCS = Path(__file__).parents[2] / "docs/tui.md"
LICENSE_PAGES: tuple[type[Page], ...] = (
    LicenseShowScreen,
    LicenseRequestScreen,
    LicenseInstallScreen,
    LicenseCarriedScreen,
    LicenseSimulateScreen,
    LicenseConfirmScreen,
)
PAGE_TYPES: tuple[type[Page], ...] = (*PAGES.values(), StatusScreen, *LICENSE_PAGES)


@pytest.mark.parametrize("scene", SCENES[::3], ids=lambda scene: scene.name)
async def test_the_key_line_fits_and_the_help_knows_its_keys(scene: Scene) -> None:
    app = scene.app()
    async with app.run_test() as pilot:
        await scene.play(app, pilot)
        line = app.screen.query_one(KeyLine)
        shown = line.render()
        assert isinstance(shown, Content)

        assert len(shown.plain) <= line.size.width
        if isinstance(app.screen, Page):
            known = {what for _, what in help_keys(app.screen)}
            own = {"Choose", "Accept", "Next", "Actions", "Change"}
            assert {what for _, what in shown_keys(app.screen)} - own <= known


@pytest.mark.parametrize("page", PAGE_TYPES, ids=lambda page: page.__name__)
def test_every_key_of_a_page_runs_an_action_that_exists(page: type[Page]) -> None:
    for binding in page._merged_bindings or ():
        name = binding[1].action.partition("(")[0].rpartition(".")[2]
        assert hasattr(page, f"action_{name}") or hasattr(
            AnechoicApp, f"action_{name}"
        ), binding


@pytest.mark.parametrize("page", PAGE_TYPES, ids=lambda page: page.__name__)
def test_every_choice_of_a_page_runs_an_action_that_exists(page: type[Page]) -> None:
    for choice in page.choices:
        owner, _, name = choice.action.rpartition(".")
        target = AnechoicApp if owner == "app" else page
        assert hasattr(target, f"action_{name}"), choice


def test_what_does_not_fit_the_line_is_left_to_the_help() -> None:
    keys = [("Enter", "Choose"), ("d", "Display"), ("q", "Leave")]

    assert fitting(keys, 24) == [("Enter", "Choose"), ("q", "Leave")]
    assert fitting(keys, 80) == keys


@pytest.mark.parametrize("key", ["f1", "question_mark"])
async def test_help_opens_and_closes_with_the_same_key(key: str) -> None:
    app = make_app(FakeEngine())
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press(key)
        await pilot.pause(0)
        assert isinstance(app.screen, HelpScreen)

        await pilot.press(key)
        await pilot.pause(0)
        assert isinstance(app.screen, Page)


async def test_the_display_changes_at_once() -> None:
    app = make_app(FakeEngine(installed=True))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "healthy" in text_of(app))
        await pilot.press("d")
        await pilot.pause(0)
        assert isinstance(app.screen, DisplayDialog)
        await pilot.press("right", "down", "right", "down", "right", "escape")
        await pilot.pause(0)

        assert app.theme == "anechoic-light"
        assert (app.look.basic, app.look.interval_s) == (True, 5)
        assert text_of(app).isascii()


async def test_a_function_key_works_where_letters_are_typed() -> None:
    app = make_app(FakeEngine())
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.MEDIUM)
        await settled(pilot)
        await pilot.press("q", "question_mark")
        assert "q?" in text_of(app)

        assert "F10 Leave" in text_of(app)

        await pilot.press("f1")
        await pilot.pause(0)

        assert isinstance(app.screen, HelpScreen)


async def test_the_terminal_cursor_follows_the_highlight() -> None:
    app = make_app(FakeEngine(port_taken=True))
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.CHECKS)
        await settled(pilot)
        before = app.cursor_position

        await pilot.press("down")

        assert app.cursor_position == before + Offset(0, 1)


async def test_ends_of_a_list_lead_on_and_home_and_end_are_harmless() -> None:
    app = make_app(FakeEngine(port_taken=True))
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.CHECKS)
        await settled(pilot)

        await pilot.press("end", "down")
        assert app.focused is app.screen.query_one("#do-next")
        await pilot.press("up", "home", "pagedown", "pageup")

        assert app.is_running


@pytest.mark.parametrize("page", PAGE_TYPES, ids=lambda page: page.__name__)
def test_every_key_is_in_the_documentation(page: type[Page]) -> None:
    """With its twin: the table of keys has a row for each letter."""
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    table = "\n".join(rows)
    for key, binding in page._merged_bindings or ():
        if key.startswith("f") and key[1:].isdigit():
            assert f"| {key.upper()} |" in table, binding.description
        elif len(key) == 1:
            assert f"| `{key}`" in table, binding.description


def test_a_face_without_mouse_asks_for_none() -> None:
    assert not Face(basic=True).mouse
