"""The request on the screen: what a camera reads, what is saved, what does not fit."""

from pathlib import Path

import pytest

from installer.qr import encode
from installer.tui.face import Face
from installer.tui.widgets.qr import Blocks, Ink, QrView, drawn
from tests.support.fake_engine_client import FakeEngine
from tests.support.fake_license import ARMORED, FRAMES, MINI, WHOLE
from tests.support.qr_raster import decode_png, read_by
from tests.support.screen_photo import photograph
from tests.support.terminal import Terminal, make_app, settled, text_of, until

pytestmark = pytest.mark.long

RICH, CONSOLE = Face(), Face(basic=True, serial=True)
COLORLESS = Face(color=False)


async def _request(pilot: Terminal, *keys: str) -> None:
    await until(pilot, lambda: "Seen 13:00:00" in text_of(pilot.app))
    for key in ("l", "w", *keys):
        await pilot.press(key)
        await settled(pilot)


@pytest.mark.parametrize("face", [RICH, CONSOLE], ids=["rich", "console"])
async def test_the_short_form_is_read_from_a_screen_of_80x24(face: Face) -> None:
    app = make_app(FakeEngine(installed=True), face=face)
    async with app.run_test(size=(80, 24)) as pilot:
        await _request(pilot)

        assert read_by(photograph(pilot))["zxing"] == MINI


async def test_every_part_of_the_full_form_is_read_from_80x24() -> None:
    app = make_app(FakeEngine(installed=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await _request(pilot, "f")
        seen = []
        for _ in FRAMES:
            seen.append(read_by(photograph(pilot))["zxing"])
            await pilot.press("n")

        assert tuple(seen) == FRAMES


async def test_a_large_screen_takes_the_full_form_in_one_code() -> None:
    app = make_app(FakeEngine(installed=True))
    async with app.run_test(size=(132, 43)) as pilot:
        await _request(pilot, "f")

        assert read_by(photograph(pilot))["zxing"] == WHOLE
        assert "Code 1 of 1" in text_of(app)


async def test_full_blocks_are_read_where_they_fit() -> None:
    app = make_app(FakeEngine(installed=True))
    async with app.run_test(size=(132, 50)) as pilot:
        await _request(pilot, "b")

        assert "full blocks" in text_of(app)
        assert read_by(photograph(pilot))["zxing"] == MINI


async def test_a_code_that_does_not_fit_says_what_would_help() -> None:
    app = make_app(FakeEngine(installed=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await _request(pilot, "b")

        shown = text_of(app)
        assert "The code needs a terminal of" in shown
        assert "save the file" in shown
        await pilot.press("b")
        assert read_by(photograph(pilot))["zxing"] == MINI


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
async def test_without_color_the_letters_draw_the_code(*, light: bool) -> None:
    app = make_app(FakeEngine(installed=True), face=COLORLESS)
    async with app.run_test(size=(80, 24)) as pilot:
        await _request(pilot, *(["x"] if light else []))
        view = pilot.app.screen.query_one(QrView)
        styles = {segment.style for segment in view.render_line(3)}

        assert read_by(photograph(pilot, light=light))["zxing"] == MINI
        assert all(
            one is None or one.color is None or one.color.is_default for one in styles
        )


async def test_without_utf8_and_color_blanks_alone_draw_the_code() -> None:
    face = Face(basic=True, color=False, serial=True, utf8=False)
    app = make_app(FakeEngine(installed=True), face=face)
    async with app.run_test(size=(132, 50)) as pilot:
        await _request(pilot)

        assert text_of(app).isascii()
        assert read_by(photograph(pilot))["zxing"] == MINI


@pytest.mark.parametrize(
    ("ink", "colors"),
    [
        (Ink.TRUE, "#000000 on #ffffff"),
        (Ink.ANSI, "ansi_black on ansi_bright_white"),
    ],
)
def test_the_code_names_its_own_black_and_white(ink: Ink, colors: str) -> None:
    code = encode(MINI, "L")
    assert code is not None
    styles = {str(span.style) for span in drawn(code, 2, Blocks.HALF, ink).spans}

    assert styles == {colors}


async def test_the_picture_and_the_file_are_saved_where_asked(tmp_path: Path) -> None:
    app = make_app(FakeEngine(installed=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await _request(pilot)
        for key, name in (("p", "code.png"), ("w", "request.areq")):
            await pilot.press(key)
            await settled(pilot)
            entry = app.screen.query_one("#path")
            entry.value = str(tmp_path / name)  # type: ignore[attr-defined]
            await pilot.press("enter")
            await settled(pilot)

        assert "Written:" in text_of(app)
    assert decode_png((tmp_path / "code.png").read_bytes())["zxing"] == MINI
    assert (tmp_path / "request.areq").read_text() == ARMORED


async def test_a_medium_is_chosen_instead_of_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path)
    app = make_app(FakeEngine(installed=True), found=(tmp_path,))
    async with app.run_test(size=(80, 24)) as pilot:
        await _request(pilot, "w", "down", "enter", "enter")

    assert (tmp_path / "anechoic-7C1E-90AB.areq").read_text() == ARMORED


async def test_the_request_is_shown_as_text_to_be_copied() -> None:
    app = make_app(FakeEngine(installed=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await _request(pilot, "t")
        shown = text_of(app)

        assert all(line in shown for line in ARMORED.splitlines())


async def test_a_request_that_cannot_be_made_is_a_finding() -> None:
    engine = FakeEngine(installed=True)
    app = make_app(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Seen 13:00:00" in text_of(app))
        await pilot.press("l")
        await settled(pilot)
        engine.silent = True
        await pilot.press("w")
        await settled(pilot)

        assert "ANX-ENG" in text_of(app) or "ANX-OP" in text_of(app)
        assert app.focused is app.screen.query_one("#do-back")
