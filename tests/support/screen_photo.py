"""What a camera sees of the code on the request page: cells become pixels."""

import numpy as np
from numpy.typing import NDArray
from rich.color import Color

from installer.tui.widgets.qr import QrView
from tests.support.terminal import Terminal

CELL, HALF = 8, 8
DARK, BRIGHT = 16, 200


def _gray(color: Color | None, default: int) -> int:
    if color is None or color.is_default:
        return default
    return round(sum(color.get_truecolor()) / 3)


def photograph(pilot: Terminal, *, light: bool = False) -> NDArray[np.uint8]:
    """Draw the cells of the code as a dark, or a light, terminal does."""
    view = pilot.app.screen.query_one(QrView)
    paper, ink = (BRIGHT, DARK) if light else (DARK, BRIGHT)
    lines = [view.render_line(y) for y in range(view.size.height)]
    height, width = 2 * HALF * (len(lines) + 4), CELL * (view.size.width + 8)
    picture = np.full((height, width), paper, np.uint8)
    for row, strip in enumerate(lines):
        column = 0
        for segment in strip:
            style = segment.style
            front = _gray(style.color if style else None, ink)
            back = _gray(style.bgcolor if style else None, paper)
            if style is not None and style.reverse:
                front, back = back, front
            for character in segment.text:
                x, y = CELL * (column + 4), 2 * HALF * (row + 2)
                cell = picture[y : y + 2 * HALF, x : x + CELL]
                cell[:] = back
                cell[:HALF] = front if character in "▀█" else back
                cell[HALF:] = front if character in "▄█" else back
                column += 1
    return picture
