"""The license pages by keyboard alone: show, request, install, rehearse, confirm."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from installer.findings import Finding, Severity
from installer.license_flags import FLAGS
from installer.tui.face import Face
from installer.tui.screens.done import DoneScreen
from installer.tui.screens.license_confirm import LicenseConfirmScreen
from installer.tui.screens.license_install import LicenseInstallScreen
from installer.tui.screens.license_request import LicenseRequestScreen
from installer.tui.screens.license_show import LicenseShowScreen
from installer.tui.screens.license_simulate import LicenseSimulateScreen
from installer.tui.screens.progress import ProgressScreen
from installer.tui.screens.status import StatusScreen
from installer.tui.state import Stage
from installer.tui.widgets.fields import TextEntry
from offline_license.extension import make_chain
from tests.support.fake_engine_client import FakeEngine
from tests.support.fake_license import (
    CODES,
    FakeLicense,
    license_json,
    troubled,
)
from tests.support.terminal import (
    Terminal,
    make_app,
    settled,
    text_of,
    type_text,
    until,
)

pytestmark = pytest.mark.long

STATES = (
    "UNLICENSED",
    "PENDING",
    "VALID",
    "EXPIRING",
    "GRACE",
    "RESTRICTED",
    "REVOKED",
)
SERIAL = Face(basic=True, color=False, serial=True)


def _site(answer: dict[str, Any] | None = None) -> FakeEngine:
    service = FakeLicense(answer) if answer is not None else FakeLicense()
    return FakeEngine(installed=True, license_service=service)


async def _press(pilot: Terminal, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def _open(pilot: Terminal, *keys: str) -> None:
    """Go from the status page to the license page, and on by more keys."""
    await until(pilot, lambda: "Seen 13:00:00" in text_of(pilot.app))
    await _press(pilot, "l", *keys)


# Reachable in every state


@pytest.mark.parametrize("state", ["UNLICENSED", "RESTRICTED", "REVOKED"])
async def test_every_license_page_opens_in_every_state(state: str) -> None:
    pages: dict[str, type] = {
        "w": LicenseRequestScreen,
        "n": LicenseInstallScreen,
        "s": LicenseSimulateScreen,
        "c": LicenseConfirmScreen,
    }
    async with make_app(_site(license_json(state))).run_test() as pilot:
        await _open(pilot)
        for key, page in pages.items():
            await _press(pilot, key)
            assert isinstance(pilot.app.screen, page)
            await _press(pilot, "escape")

        assert isinstance(pilot.app.screen, LicenseShowScreen)
        await _press(pilot, "escape")
        assert isinstance(pilot.app.screen, StatusScreen)


@pytest.mark.parametrize("state", STATES)
async def test_a_license_is_installed_in_every_state(state: str) -> None:
    engine = _site(license_json(state))
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "n", "right", "down")
        await type_text(pilot, "-----BEGIN ANECHOIC LICENSE-----")
        await settled(pilot)
        await _press(pilot, "enter")
        await until(pilot, lambda: "Installed and in force" in text_of(pilot.app))

    assert engine.license_service.accepted == [False]


async def test_the_pages_open_while_the_license_service_is_silent() -> None:
    engine = FakeEngine(installed=True)
    engine.license_service.answer = None
    async with make_app(engine).run_test() as pilot:
        await _open(pilot)
        assert "the license service does not answer" in text_of(pilot.app)

        await _press(pilot, "w")
        assert "Installation 7C1E-90AB" in text_of(pilot.app)


async def test_the_wizard_reaches_them_before_anything_is_installed() -> None:
    async with make_app(FakeEngine()).run_test() as pilot:
        await settled(pilot)
        pilot.app.go(Stage.LICENSE)  # type: ignore[attr-defined]
        await settled(pilot)
        await _press(pilot, "f4")
        await until(pilot, lambda: "Nothing is installed" in text_of(pilot.app))

        await _press(pilot, "w")

        assert "License none yet" in text_of(pilot.app)
        assert "Code 1 of 3" in text_of(pilot.app)


async def test_a_silent_engine_is_said_and_the_license_stays_in_view() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot)
        engine.silent = True
        pilot.app.look_again()  # type: ignore[attr-defined]
        await until(pilot, lambda: "cannot be reached" in text_of(pilot.app))

        assert "Harbor Control" in text_of(pilot.app)
        await _press(pilot, "v")
        assert "anechoicd.sock: no answer" in text_of(pilot.app)


# Flags


async def test_each_flag_is_explained_where_one_stands() -> None:
    async with make_app(_site(troubled())).run_test() as pilot:
        await _open(pilot, "shift+tab")
        first = text_of(pilot.app)
        await _press(pilot, "down")

        assert "answer is a license for this machine" in first
        assert FLAGS["CLOCK_BEHIND"].step in text_of(pilot.app)


async def test_a_refused_file_is_a_remark_too() -> None:
    async with make_app(_site(troubled())).run_test() as pilot:
        await _open(pilot, "shift+tab", "end")

        assert "ANX-LIC-10" in text_of(pilot.app)
        assert "Get the file once more" in text_of(pilot.app)


# Install


async def test_what_a_scanner_types_is_checked_when_its_line_ends() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "n", "right", "down")
        await pilot.press(*"ANX", "colon", *"6BFOX", "enter")
        await until(pilot, lambda: "the vendor's answer" in text_of(pilot.app))

    assert engine.calls.count("check_license_bytes") == 1


async def test_a_pasted_text_stands_in_the_box_once() -> None:
    async with make_app(_site()).run_test() as pilot:
        await _open(pilot, "n", "right", "down")
        await type_text(pilot, "frames")
        await settled(pilot)

        assert pilot.app.screen.query_one("PasteBox").text == "frames"  # type: ignore[attr-defined]
        assert "frame 2 is missing" in text_of(pilot.app)


async def test_a_refused_text_stays_to_be_completed() -> None:
    async with make_app(_site()).run_test() as pilot:
        await _open(pilot, "n", "right", "down")
        await type_text(pilot, "frames")
        await settled(pilot)
        await pilot.press("ctrl+a", "delete")
        await type_text(pilot, "all three")
        await settled(pilot)

        assert "in place of 1F2E-3D4C/2" in text_of(pilot.app)


async def test_a_foreign_license_is_refused_with_both_names() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "n", "right", "down")
        await type_text(pilot, "foreign")
        await settled(pilot)

        shown = text_of(pilot.app)
        assert "7C1E-90AB" in shown
        assert "02D4-5E6F" in shown
        assert pilot.app.screen.query_one("#do-install").disabled


async def test_a_loss_needs_the_word() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "n", "right", "down")
        await type_text(pilot, "smaller")
        await settled(pilot)
        await _press(pilot, "enter")
        assert "loses  feature 2" in text_of(pilot.app)

        await _press(pilot, "y", "e", "s", "enter")
        assert engine.license_service.accepted == []
        await _press(pilot, "ctrl+u", "Y", "E", "S", "enter")

    assert engine.license_service.accepted == [True]


async def test_keeping_what_is_there_installs_nothing() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "n", "right", "down")
        await type_text(pilot, "smaller")
        await settled(pilot)
        await _press(pilot, "enter", "escape", "escape")

        assert isinstance(pilot.app.screen, LicenseInstallScreen)
    assert engine.license_service.accepted == []


@pytest.mark.parametrize(
    ("given", "said"),
    [("same", "nothing has changed"), ("later", "stays until its day")],
)
async def test_the_same_and_a_later_license_say_so(given: str, said: str) -> None:
    async with make_app(_site()).run_test() as pilot:
        await _open(pilot, "n", "right", "down")
        await type_text(pilot, given)
        await settled(pilot)
        await _press(pilot, "enter")

        await until(pilot, lambda: said in text_of(pilot.app))


async def test_a_file_that_was_found_is_installed_by_enter(tmp_path: Path) -> None:
    (tmp_path / "answer.arsp").write_text("-----BEGIN ANECHOIC RESPONSE-----")
    engine = _site()
    async with make_app(engine, found=(tmp_path,)).run_test() as pilot:
        await _open(pilot, "n")
        await _press(pilot, "enter", "enter")
        await until(pilot, lambda: "Installed and in force" in text_of(pilot.app))

    assert engine.license_service.accepted == [False]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.mkdir(), "ANX-LIC-14"),
        (lambda path: path.symlink_to("/dev/zero"), "ANX-LIC-01"),
        (lambda path: path.write_bytes(bytes(65_537)), "ANX-LIC-01"),
        (lambda _path: None, "No such file"),
    ],
)
async def test_what_is_no_small_file_is_refused_without_hanging(
    tmp_path: Path, make: Callable[[Path], object], code: str
) -> None:
    path = tmp_path / "x.alic"
    make(path)
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "n", "down")
        await type_text(pilot, str(path))
        await _press(pilot, "enter")

        shown = text_of(pilot.app)
        assert "STOP" in shown
        assert code in shown or "regular file" in shown or "directory" in shown
    assert "check_license_bytes" not in engine.calls


# Codes


async def test_a_code_is_followed_and_used() -> None:
    engine = _site(license_json("GRACE"))
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "n", "left", "down")
        await type_text(pilot, CODES[0].lower())
        await settled(pilot)
        assert "the check characters fit" in text_of(pilot.app)

        await _press(pilot, "enter")
        await until(pilot, lambda: "full service to 2027-03-14" in text_of(pilot.app))


async def test_a_misheard_code_is_noticed_before_anything_is_asked() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "n", "left", "down")
        await type_text(pilot, CODES[0][:-1] + "U")
        await _press(pilot, "enter")

        assert "No code has U" in text_of(pilot.app)
        assert pilot.app.screen.query_one("#do-install").disabled
    assert "extend_license" not in engine.calls


async def test_a_code_of_another_license_is_refused_as_a_finding() -> None:
    async with make_app(_site()).run_test() as pilot:
        await _open(pilot, "n", "left", "down")
        await type_text(
            pilot, make_chain(b"x" * 16, bytes(13), count=1, days=14).codes[0]
        )
        await _press(pilot, "enter")

        assert "ANX-LIC-22" in text_of(pilot.app)


# Rehearse and confirm


async def test_what_is_rehearsed_is_what_the_fields_say() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "s")
        pilot.app.screen.query_one("#swaps").focus()
        await type_text(pilot, "nic, product-uuid")
        await _press(pilot, "enter")
        pilot.app.screen.query_one("#clock").focus()
        await _press(pilot, "right")

        assert "not recognized, 8 of 11 points" in text_of(pilot.app)
        assert FLAGS["BIND_MISMATCH"].title in text_of(pilot.app)
    assert engine.simulated is not None
    assert engine.simulated.swaps == ("nic", "product-uuid")
    assert engine.simulated.clock == "1970"


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("at", "tomorrow", "Expected a day such as"),
        ("swaps", "keyboard", "keyboard: expected tpm"),
    ],
)
async def test_what_cannot_be_rehearsed_is_said(
    field: str, words: str, said: str
) -> None:
    async with make_app(_site()).run_test() as pilot:
        await _open(pilot, "s")
        pilot.app.screen.query_one(f"#{field}").focus()
        await _press(pilot, "ctrl+u")
        await type_text(pilot, words)
        await _press(pilot, "enter")

        assert said in text_of(pilot.app)


async def test_the_end_and_the_time_after_grace_are_one_choice_away() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "s")
        await _press(pilot, "right", "right", "enter")

        assert "RESTRICTED" in text_of(pilot.app)
        assert "2027-03-04 12:00" in text_of(pilot.app)


async def test_a_drill_shows_on_every_screen_and_ends_when_asked() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "s", "t")
        await until(pilot, lambda: "! DRILL, 10 min left" in text_of(pilot.app))
        await _press(pilot, "escape")
        assert "! DRILL" in text_of(pilot.app)
        await _press(pilot, "escape")
        assert "! DRILL" in text_of(pilot.app)
        assert "GRACE, only a drill" in text_of(pilot.app)

        await _press(pilot, "l", "s", "t")
        await until(pilot, lambda: "! DRILL" not in text_of(pilot.app))


@pytest.mark.parametrize(("key", "call"), [("c", "confirm_clock"), ("b", "restored")])
async def test_a_statement_is_made_only_after_a_second_question(
    key: str, call: str
) -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "c", key, "enter")
        assert call not in engine.calls

        await _press(pilot, key, "right", "enter")
        await until(pilot, lambda: "Noted:" in text_of(pilot.app))

    assert call in engine.calls


async def test_a_refused_statement_is_a_finding() -> None:
    engine = _site()
    async with make_app(engine).run_test() as pilot:
        await _open(pilot, "c")
        pilot.app.screen._refused(  # type: ignore[attr-defined]
            Finding("ANX-OP-22", "It is silent", Severity.ERROR, "s", "m", "r")
        )
        await settled(pilot)

        assert "ANX-OP-22" in text_of(pilot.app)


# In the wizard


async def test_a_pasted_license_is_kept_for_the_installation(tmp_path: Path) -> None:
    engine = FakeEngine()
    app = make_app(engine, kept=tmp_path)
    async with app.run_test() as pilot:
        await settled(pilot)
        app.state.answers.update(medium="/media/usb", trust="/root/a.json")
        app.go(Stage.LICENSE)
        await settled(pilot)
        await _press(pilot, "f3", "down")
        await type_text(pilot, "-----BEGIN ANECHOIC LICENSE-----")
        await settled(pilot)
        await _press(pilot, "enter")
        await until(pilot, lambda: "Which license" in text_of(app))

        kept = tmp_path / "1F2E-3D4C-3.alic"
        assert app.state.answers["license"] == str(kept)
        assert app.screen.query_one("#license", TextEntry).value == str(kept)
        assert "in place of" in text_of(app)
    assert kept.read_text() == "-----BEGIN ANECHOIC LICENSE-----"
    assert engine.trust == "/root/a.json"


async def test_an_installation_that_ends_meanwhile_is_shown_afterwards() -> None:
    engine = FakeEngine(ticks=30, speed=0)
    app = make_app(engine)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, ProgressScreen))
        await _press(pilot, "l")
        assert isinstance(app.screen, LicenseShowScreen)
        engine.ticks = 40
        await until(pilot, lambda: app._waiting is not None)
        assert isinstance(app.screen, LicenseShowScreen)

        await _press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, DoneScreen))


# A serial console without color


async def test_a_renewal_works_on_a_serial_console_without_color() -> None:
    engine = _site(license_json("RESTRICTED"))
    async with make_app(engine, face=SERIAL).run_test(size=(80, 24)) as pilot:
        await _open(pilot)
        assert text_of(pilot.app).isascii()
        await _press(pilot, "n")
        await _press(pilot, "right", "down")
        await type_text(pilot, "-----BEGIN ANECHOIC RESPONSE-----")
        await settled(pilot)
        assert text_of(pilot.app).isascii()

        await _press(pilot, "enter")
        await until(pilot, lambda: "Installed and in force" in text_of(pilot.app))


@pytest.mark.parametrize("key", ["n", "s", "c"])
async def test_the_terminal_cursor_stands_where_the_focus_is(key: str) -> None:
    async with make_app(_site()).run_test() as pilot:
        await _open(pilot, key)
        focused = pilot.app.focused

        assert focused is not None
        assert focused.region.contains(*pilot.app.cursor_position)


@pytest.mark.parametrize("key", ["w", "n", "s", "c"])
async def test_tab_reaches_every_part_and_comes_around(key: str) -> None:
    async with make_app(_site()).run_test() as pilot:
        await _open(pilot, key)
        chain = [one for one in pilot.app.screen.focus_chain if one.display]
        seen = set()
        for _ in chain:
            await pilot.press("tab")
            seen.add(pilot.app.focused)

        assert seen == set(chain)
