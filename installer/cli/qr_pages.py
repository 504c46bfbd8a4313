"""Show a request as QR codes on whatever terminal there is, and as text below.

In one piece where that fits, else in its short form, else in numbered frames, each on a
page of its own. Where none fits, or a camera does not read it, the same data is there
as text, as a file and as a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.qr import best, full_blocks, half_blocks

if TYPE_CHECKING:
    from installer.protocol import LicenseRequestBody
    from installer.qr import Code, Screen

__all__ = ["HINT", "Page", "pages", "text_below"]

HINT = (
    "A camera does not read it? Make the letters larger or smaller, try --full-block, "
    "write a picture with --png FILE, carry the file, or copy the text below."
)
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
    whole = (request.whole,) if request.whole else ()
    forms = (request.mini,) if mini else (whole, request.mini, request.frames)
    for texts in forms:
        codes = [best(text, screen) for text in texts]
        drawn = [code for code in codes if code is not None]
        if drawn and len(drawn) == len(codes):
            form = "short form" if texts == request.mini else "request"
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
    short = mini or (bool(shown) and "short form" in shown[0].caption)
    text = request.mini_armored if short else request.armored
    return (HINT if shown else too_small, "", *text.splitlines())


def _page(code: Code, screen: Screen, caption: str) -> Page:
    quiet = screen.quiet(code)
    assert quiet is not None  # noqa: S101  the code was chosen because it fits
    draw = full_blocks if screen.full else half_blocks
    return Page(draw(code, quiet), f"{caption}, version {code.version}-{code.level}")


def _caption(form: str, number: int, total: int) -> str:
    return f"QR code {number} of {total}, {form}"
