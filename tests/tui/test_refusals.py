"""What is refused is shown as a finding with what to do, and loses nothing."""

from pathlib import Path

import pytest

from installer.tui.screens.save import FileRefusedError, write_new
from installer.tui.state import Stage
from tests.support.fake_engine_client import FakeEngine
from tests.support.terminal import USB, make_app, settled, text_of, type_text, until
from tests.support.tui_scenes import at


async def test_a_tampered_medium_stops_at_its_page() -> None:
    app = make_app(FakeEngine())
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.MEDIUM)
        await settled(pilot)
        await type_text(pilot, "/media/tampered")
        await pilot.press("enter")
        await settled(pilot)

        shown = text_of(app)
        assert "ANX-MED-03" in shown
        assert "Do not use this medium" in shown
        assert app.screen.query_one("#do-next").disabled


async def test_another_path_takes_the_refusal_away() -> None:
    app = make_app(FakeEngine())
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.MEDIUM)
        await settled(pilot)
        await type_text(pilot, "/media/tampered")
        await pilot.press("enter")
        await settled(pilot)

        await pilot.press("ctrl+u")
        await type_text(pilot, USB)
        await pilot.press("enter")
        await settled(pilot)

        assert "ANX-MED-03" not in text_of(app)
        assert "The medium is genuine" in text_of(app)


async def test_a_foreign_license_is_refused_and_a_request_is_offered() -> None:
    app = make_app(FakeEngine())
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.LICENSE)
        await settled(pilot)
        await type_text(pilot, "/media/foreign.alic")
        await pilot.press("enter")
        await settled(pilot)

        assert "ANX-LIC-15" in text_of(app)
        await pilot.press("f6")
        await settled(pilot)
        assert "License request" in text_of(app)


async def test_a_port_in_use_locks_install_until_another_is_chosen() -> None:
    app = make_app(FakeEngine(port_taken=True))
    async with app.run_test() as pilot:
        await settled(pilot)
        await at(Stage.PLAN)(app, pilot)
        await settled(pilot)
        assert app.screen.query_one("#do-apply").disabled
        assert "ANX-HOST-06" in text_of(app) or "Port 8080 is in use" in text_of(app)

        app.state.answers["port"] = "8081"
        await pilot.press("r")
        await settled(pilot)

        assert not app.screen.query_one("#do-apply").disabled


async def test_a_check_is_made_again_with_a_key() -> None:
    engine = FakeEngine(port_taken=True)
    app = make_app(engine)
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.CHECKS)
        await settled(pilot)
        assert "1 finding to mend" in text_of(app)

        engine.port_taken = False
        await pilot.press("r")
        await settled(pilot)

        assert "Ready to go on" in text_of(app)


async def test_the_whole_finding_is_one_key_away() -> None:
    app = make_app(FakeEngine(port_taken=True))
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.CHECKS)
        await settled(pilot)

        await pilot.press("v")
        await pilot.pause(0)

        assert "2 findings" in text_of(app)


async def test_a_mistake_of_our_own_is_shown_and_the_program_stays() -> None:
    app = make_app(FakeEngine())
    async with app.run_test(notifications=True) as pilot:
        await settled(pilot)

        app.ask(lambda: 1, then=lambda one: one / 0, refused=print)
        await until(pilot, lambda: bool(list(app._notifications)))

        assert app.is_running
        assert "ZeroDivisionError" in str(list(app._notifications))


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    target = tmp_path / "answers.toml"
    target.write_text("mine")

    with pytest.raises(FileRefusedError, match="exists already"):
        write_new(target, b"other")

    assert target.read_text() == "mine"


@pytest.mark.parametrize("path", [Path("relative"), Path("/absent/folder/x")])
def test_a_file_that_cannot_be_written_is_refused(path: Path) -> None:
    with pytest.raises(FileRefusedError):
        write_new(path, b"data")
