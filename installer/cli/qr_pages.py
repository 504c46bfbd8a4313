"""Show a request as QR codes on whatever terminal there is, and as text below.

In one piece where that fits, else in its short form, else in numbered frames, each on a
page of its own. Where none fits, or a camera does not read it, the same data is there
as text, as a file and as a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.qr import best, full_blocks, half_blocks
from offline_license.frames import split
from offline_license.intake import SignedObject, recognize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.protocol import LicenseRequestBody
    from installer.qr import Code, Screen

__all__ = ["HINT", "Page", "pages", "text_below"]

HINT = (
    "A camera does not read it? Make the letters larger or smaller, try --full-block, "
    "write a picture with --png FILE, carry the file, or copy the text below."
)
_FULL, _SHORT = "request", "short form"
_SMALL_CHARS = (154, 114)
"""What codes of version 5 and 4 hold at level L: for small or coarse screens."""

_TOO_SMALL = (
    "This terminal of {columns} columns and {rows} lines is too small for a QR code. "
    "Enlarge it, write a picture with --png FILE, carry the file, or copy the text "
    "below."
)


@dataclass(frozen=True, slots=True)
class Page:
    """One QR code as lines, and what to say below it."""

    lines: tuple[str, ...]
    caption: str


def pages(
    request: LicenseRequestBody, screen: Screen, *, mini: bool = False
) -> tuple[Page, ...]:
    """Return the pages for a screen; empty where no code fits.

    Args:
        request: in every form.
        screen: the cells that one picture may take.
        mini: use the short form only.
    """
    for form, texts in _forms(request, mini=mini):
        codes = [best(text, screen) for text in texts]
        drawn = [code for code in codes if code is not None]
        if drawn and len(drawn) == len(codes):
            return tuple(
                _page(code, screen, _caption(form, number, len(drawn)))
                for number, code in enumerate(drawn, start=1)
            )
    return ()


def text_below(
    request: LicenseRequestBody, shown: tuple[Page, ...], screen: Screen, *, mini: bool
) -> tuple[str, ...]:
    """Return the hint, and the same data as text."""
    too_small = _TOO_SMALL.format(columns=screen.columns, rows=screen.rows + 1)
    short = mini or (bool(shown) and _SHORT in shown[0].caption)
    text = request.mini_armored if short else request.armored
    return (HINT if shown else too_small, "", *text.splitlines())


def _forms(
    request: LicenseRequestBody, *, mini: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what can be shown, the best first."""
    if not mini and request.whole:
        yield _FULL, (request.whole,)
    yield _SHORT, request.mini
    if not mini:
        yield _FULL, request.frames
    for most in _SMALL_CHARS if request.mini else ():
        found = recognize(request.mini[0].encode())
        if isinstance(found, SignedObject):
            yield _SHORT, split(found.data, most)


def _page(code: Code, screen: Screen, caption: str) -> Page:
    quiet = screen.quiet(code)
    assert quiet is not None  # noqa: S101  the code was chosen because it fits
    draw = full_blocks if screen.full else half_blocks
    return Page(draw(code, quiet), f"{caption}, version {code.version}-{code.level}")


def _caption(form: str, number: int, total: int) -> str:
    return f"QR code {number} of {total}, {form}"
