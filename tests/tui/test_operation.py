"""The page of a running operation: a viewer that may come and go."""

from pathlib import Path
from threading import Event

from installer.settings import Settings
from installer.tui.screens.done import DoneScreen
from installer.tui.screens.plan import PlanScreen
from installer.tui.screens.progress import ProgressScreen
from installer.tui.state import Stage
from tests.support.fake_engine_client import FakeEngine
from tests.support.fake_engine_facts import NO_GPU
from tests.support.terminal import USB, make_app, settled, text_of, until

ANSWERS = {"medium": USB}


async def test_opening_during_an_installation_shows_where_it_is() -> None:
    engine = FakeEngine(ticks=13, speed=0)

    async with make_app(engine).run_test() as pilot:
        await until(pilot, lambda: "6 of 17 steps" in text_of(pilot.app))

        assert isinstance(pilot.app.screen, ProgressScreen)
        assert "install" not in engine.calls


async def test_leaving_stops_nothing_and_says_so() -> None:
    engine = FakeEngine(ticks=13, speed=0)
    app = make_app(engine)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "6 of 17 steps" in text_of(app))

        await pilot.press("q")

    assert "goes on in the engine" in (app.return_value or "")
    assert engine.ticks == 13


async def test_a_second_viewer_sees_the_same_steps() -> None:
    engine = FakeEngine(ticks=13, speed=0)
    seen = []
    for _ in range(2):
        app = make_app(engine)
        async with app.run_test() as pilot:
            await until(pilot, lambda: "6 of 17 steps" in text_of(pilot.app))
            seen.append(text_of(app).splitlines()[:12])

    assert seen[0] == seen[1]


async def test_a_failure_shows_its_finding_and_trying_again_carries_on() -> None:
    engine = FakeEngine(ticks=30, fails_at="wait-health")
    app = make_app(engine, answers=ANSWERS)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "did not finish" in text_of(app)
        app.go(Stage.INSTALL)
        await until(pilot, lambda: "Try again" in text_of(pilot.app))
        assert "ANX-OP-07" in text_of(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoneScreen))

    assert engine.calls.count("install") == 1


async def test_a_failed_installation_is_carried_on_by_one_key_after_reopening() -> None:
    asked = Settings(medium=Path(USB), port=8181)
    engine = FakeEngine(ticks=30, fails_at="wait-health", settings=asked)
    app = make_app(engine)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "Carry on" in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoneScreen))

    assert engine.calls.count("install") == 1
    assert engine.settings == asked


async def test_a_failure_seen_by_a_new_viewer_can_be_tried_again() -> None:
    asked = Settings(medium=Path(USB), port=8181)
    engine = FakeEngine(ticks=30, fails_at="wait-health", settings=asked)
    app = make_app(engine)
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.INSTALL)
        await until(pilot, lambda: "Try again" in text_of(pilot.app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoneScreen))

    assert engine.settings == asked


async def test_after_a_failure_the_plan_is_one_key_away() -> None:
    engine = FakeEngine(ticks=30, fails_at="wait-health")
    app = make_app(engine, answers=ANSWERS)
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.INSTALL)
        await until(pilot, lambda: "Try again" in text_of(pilot.app))

        await pilot.press("right", "enter")
        await settled(pilot)

        assert isinstance(pilot.app.screen, PlanScreen)


async def test_an_installation_with_notes_is_not_called_ready() -> None:
    app = make_app(FakeEngine(installed=True, notes=(NO_GPU,)))
    async with app.run_test() as pilot:
        await settled(pilot)
        app.go(Stage.DONE)
        await settled(pilot)

        assert "The appliance is installed" in text_of(app)
        assert "ANX-GPU-01" in text_of(app)


async def test_a_silent_engine_is_shown_and_the_picture_stays() -> None:
    engine = FakeEngine(ticks=13, speed=0)
    async with make_app(engine).run_test() as pilot:
        await until(pilot, lambda: "6 of 17 steps" in text_of(pilot.app))

        engine.silent = True
        await until(pilot, lambda: "ANX-OP-09" in text_of(pilot.app))
        assert "6 of 17 steps" in text_of(pilot.app)

        engine.silent = False
        await until(pilot, lambda: "ANX-OP-09" not in text_of(pilot.app))


async def test_keys_are_answered_while_the_engine_is_slow() -> None:
    engine = FakeEngine(gate=Event())
    async with make_app(engine).run_test() as pilot:
        await pilot.press("question_mark")
        await pilot.pause(0)

        assert "Help" in text_of(pilot.app)
        assert engine.gate is not None
        engine.gate.set()


async def test_the_status_page_goes_stale_in_words() -> None:
    engine = FakeEngine(installed=True)
    async with make_app(engine).run_test() as pilot:
        await until(pilot, lambda: "5 of 5 healthy" in text_of(pilot.app))

        engine.silent = True
        await pilot.press("r")
        await until(pilot, lambda: "Stale" in text_of(pilot.app))

        assert "5 of 5 healthy" in text_of(pilot.app)


async def test_a_paused_status_page_stays_as_it_is() -> None:
    engine = FakeEngine(installed=True)
    async with make_app(engine).run_test() as pilot:
        await until(pilot, lambda: "5 of 5 healthy" in text_of(pilot.app))

        await pilot.press("p")
        await pilot.pause(0)

        assert "Paused" in text_of(pilot.app)


async def test_the_refresh_interval_is_chosen_with_a_key() -> None:
    app = make_app(FakeEngine(installed=True))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "5 of 5 healthy" in text_of(app))

        await pilot.press("i")
        await until(pilot, lambda: "every 5 s" in text_of(app))

    assert app.look.interval_s == 5
