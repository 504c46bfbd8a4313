"""Every page as text, at the two sizes it is designed for, and in ASCII."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from installer.tui.face import Face
from tests.support.fake_engine_client import FakeEngine
from tests.support.terminal import LARGE, SMALL, make_app, settled, text_of
from tests.support.text_snapshots import (
    WrongPythonError,
    check_snapshot,
    write_snapshot,
)
from tests.support.tui_scenes import SCENES, Scene

pytestmark = pytest.mark.long

KEPT = Path(__file__).parent / "snapshots"
WIDE = (
    "welcome",
    "checks",
    "medium-verified",
    "plan",
    "progress",
    "status-gpus",
    "license-show",
    "license-flags",
    "license-frames",
    "license-answer",
)
ASCII_PAGES = (
    "checks-stop",
    "plan",
    "display",
    "progress",
    "license-flags",
    "license-part",
    "license-misheard",
    "license-rehearse",
    "license-confirm",
    "status-license-trouble",
)
JARGON = re.compile(
    r"\b(iat|nbf|exp|term|lid|seq|kid|cose|cbor|ed25519|boottime|epoch|nonce)\b",
)


def _named(*names: str) -> list[Scene]:
    return [scene for scene in SCENES if scene.name in names]


async def _picture(scene: Scene, size: tuple[int, int]) -> str:
    app = scene.app()
    async with app.run_test(size=size) as pilot:
        await scene.play(app, pilot)
        return text_of(app)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_a_page_fits_the_small_terminal(scene: Scene) -> None:
    check_snapshot(KEPT / "80x24", scene.name, await _picture(scene, SMALL))


@pytest.mark.parametrize("scene", _named(*WIDE), ids=lambda scene: scene.name)
async def test_a_page_uses_the_large_terminal(scene: Scene) -> None:
    check_snapshot(KEPT / "120x40", scene.name, await _picture(scene, LARGE))


@pytest.mark.parametrize("name", ASCII_PAGES)
async def test_the_basic_face_draws_ascii_only(name: str) -> None:
    (scene,) = _named(name)

    shown = await _picture(replace(scene, face=Face(basic=True)), SMALL)

    assert shown.isascii(), {char for char in shown if not char.isascii()}


@pytest.mark.parametrize("size", [(40, 10), (79, 24), (80, 23), (1, 1)])
async def test_a_terminal_below_80x24_says_so(size: tuple[int, int]) -> None:
    async with make_app(FakeEngine()).run_test(size=size) as pilot:
        await settled(pilot)

        if size[0] > 1:
            assert "too small" in text_of(pilot.app)


@pytest.mark.parametrize("kept", sorted(KEPT.glob("*/*license*.txt")), ids=str)
def test_no_license_page_speaks_jargon(kept: Path) -> None:
    found = JARGON.search(kept.read_text())

    assert found is None, found


async def test_resizing_at_work_breaks_nothing() -> None:
    scene = _named("progress")[0]
    app = scene.app()
    async with app.run_test(size=SMALL) as pilot:
        await scene.play(app, pilot)
        for size in ((200, 60), (20, 5), (120, 40), SMALL):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.05)

        assert "6 of 17 steps" in text_of(app)


def test_snapshots_are_made_with_one_python_only(tmp_path: Path) -> None:
    with pytest.raises(WrongPythonError):
        write_snapshot(tmp_path / "x.txt", "", (3, 99))
