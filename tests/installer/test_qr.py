"""QR codes in a terminal, seen by two decoders as a camera sees a screen."""

import random
import re

import pytest

from installer.cli.qr_pages import HINT, pages, text_below
from installer.protocol import LicenseRequestBody
from installer.qr import Screen, best, encode, full_blocks, half_blocks, png
from offline_license.frames import split, whole
from offline_license.intake import recognize
from tests.support.licensing import Issuer
from tests.support.qr_raster import Look, decode, decode_png

ISSUER = Issuer()
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SCREENS = {"80x24": (80, 23), "80x40": (80, 39), "132x43": (132, 42)}
LOOKS = {
    "as it is": Look(),
    "inverted": Look(inverted=True),
    "a row gap of one pixel": Look(gap=1),
    "cells 1.2 times as tall": Look(height=19),
    "small letters": Look(4, 8),
}


def _text(length: int, seed: int = 1) -> str:
    drawn = random.Random(seed)
    return "ANX:" + "".join(drawn.choice(ALPHABET[:36]) for _ in range(length - 4))


FULL = ISSUER.request_bytes(lid=bytes(16), usage=((1, 9**9), (2, 9**9)))
MINI = ISSUER.mini_request_bytes(ledger=(70_000, bytes(16)))


def _request() -> LicenseRequestBody:
    return LicenseRequestBody(
        armored="-----BEGIN ANECHOIC REQUEST-----\nfull",
        filename="x.areq",
        whole=whole(FULL),
        frames=split(FULL),
        mini=(whole(MINI),),
        mini_armored="-----BEGIN ANECHOIC REQUEST-----\nmini",
    )


@pytest.mark.parametrize("length", [150, 194, 468])
@pytest.mark.parametrize("level", ["M", "L"])
@pytest.mark.parametrize("quiet", [2, 4])
@pytest.mark.parametrize("draw", [half_blocks, full_blocks])
@pytest.mark.parametrize("look", ["as it is", "inverted", "cells 1.2 times as tall"])
def test_what_is_drawn_is_read(
    length: int, level: str, quiet: int, draw: object, look: str
) -> None:
    code = encode(_text(length), level)  # type: ignore[arg-type]
    assert code is not None

    found = decode(draw(code, quiet), LOOKS[look])  # type: ignore[operator]

    assert _text(length) in found.values()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("look", LOOKS)
def test_each_screen_shows_what_is_read_or_says_what_to_do(
    screen: str, look: str
) -> None:
    """Nobody knows the line spacing of a terminal, so the hint is always there."""
    request, cells = _request(), Screen(*SCREENS[screen])
    texts = {request.whole, *request.mini, *request.frames}

    shown = pages(request, cells)
    read = {text for page in shown for text in decode(page.lines, LOOKS[look]).values()}
    below = text_below(request, shown, cells, mini=False)

    assert shown
    assert read <= texts
    if not read:
        assert look == "a row gap of one pixel"
    assert HINT in below
    assert "--full-block" in HINT
    assert "--png" in HINT


def test_a_row_gap_that_kills_half_blocks_is_read_in_full_blocks() -> None:
    """What the hint advises helps: measured at the size of an 80x24 console."""
    code = encode(_text(194), "L")
    assert code is not None

    assert not decode(half_blocks(code, 2), Look(gap=1))
    assert _text(194) in decode(full_blocks(code, 2), Look(gap=1)).values()


@pytest.mark.parametrize(
    ("screen", "form"),
    [("80x24", "short form"), ("80x40", "request"), ("132x43", "request")],
)
def test_the_form_follows_the_screen(screen: str, form: str) -> None:
    (page,) = pages(_request(), Screen(*SCREENS[screen]))

    assert form in page.caption
    assert len(page.lines) <= SCREENS[screen][1]


def test_a_first_request_takes_numbered_frames_on_a_console() -> None:
    request = _request().model_copy(update={"mini": ()})

    shown = pages(request, Screen(*SCREENS["80x24"]))

    assert [page.caption[:14] for page in shown] == [
        "QR code 1 of 3",
        "QR code 2 of 3",
        "QR code 3 of 3",
    ]
    read = [next(iter(decode(page.lines, Look()).values())) for page in shown]
    assert tuple(read) == request.frames


@pytest.mark.parametrize(
    ("screen", "codes"),
    [
        (Screen(132, 42, full=True), 2),
        (Screen(60, 20), 2),
        (Screen(90, 45, full=True), 1),
    ],
)
def test_small_and_coarse_screens_take_the_short_form_in_parts(
    screen: Screen, codes: int
) -> None:
    request = _request()

    shown = pages(request, screen)

    read = [next(iter(decode(page.lines, Look()).values())) for page in shown]
    assert len(shown) == codes
    assert recognize("\n".join(read).encode()) == recognize(MINI)


def test_a_screen_that_is_too_small_is_told_so() -> None:
    request, cells = _request(), Screen(40, 11)

    shown = pages(request, cells)
    below = "\n".join(text_below(request, shown, cells, mini=False))

    assert shown == ()
    assert "40 columns and 12 lines is too small" in below
    assert "--png" in below
    assert "full" in below


def test_the_short_form_has_its_own_text_below() -> None:
    request, cells = _request(), Screen(*SCREENS["80x24"])

    below = text_below(request, pages(request, cells), cells, mini=False)

    assert below[-1] == "mini"


def test_a_small_code_takes_more_correction_and_more_white() -> None:
    small, large = best(_text(100), Screen(80, 40)), best(_text(194), Screen(80, 23))

    assert small is not None
    assert large is not None
    assert (small.level, large.level) == ("M", "L")
    assert Screen(80, 40).quiet(small) == 4
    assert Screen(80, 23).quiet(large) == 2


def test_the_colors_are_always_black_on_white() -> None:
    code = encode("ANX:TEST")
    assert code is not None

    for line in half_blocks(code, 2):
        assert line.startswith("\x1b[30;47;107m")
        assert line.endswith("\x1b[0m")
    assert not re.search("[▀▄█]", "".join(full_blocks(code, 2)))


def test_full_blocks_are_plain_ascii() -> None:
    code = encode("ANX:TEST")
    assert code is not None

    assert all(line.isascii() for line in full_blocks(code, 2))


def test_a_picture_is_read_by_both_decoders() -> None:
    code = encode(_text(530))
    assert code is not None

    assert decode_png(png(code)) == {"zxing": _text(530), "opencv": _text(530)}


def test_a_text_that_no_code_holds_gives_none() -> None:
    assert encode("A" * 5000) is None
    assert best("A" * 5000, Screen(500, 500)) is None
