"""Draw every page as it stands in the documentation.

    python tests/tui/pictures.py [--png FOLDER] [NAME...]

Writes docs/pictures/tui-NAME.svg. The pages are the scenes of the snapshot tests.
With --png the same pictures are written to a folder with rsvg-convert, to look at.
"""

import argparse
import asyncio
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.terminal import LARGE, SMALL  # noqa: E402  the path comes first
from tests.support.tui_scenes import SCENES, Scene  # noqa: E402

FOLDER = ROOT / "docs/pictures"
WIDTH = 1000
FONT = "DejaVu Sans Mono"
FONT_SIZE = 12.2 / 0.602  # cell width over the font's advance: lines must meet


def local(svg: str) -> str:
    """Make a picture that loads nothing: no font from outside, kept spaces."""
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", f'"{FONT}", monospace')
    svg = svg.replace("Fira Code", FONT)
    svg = svg.replace("font-size: 20px", f"font-size: {FONT_SIZE:.2f}px")
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    svg = svg.replace("&#160;", "\N{NO-BREAK SPACE}")
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    if re.search(r"url\(['\"]?\w+:|href=|@import", svg):
        raise ValueError("expected a picture that loads nothing")
    return svg


async def picture(scene: Scene, size: tuple[int, int]) -> str:
    """Play a scene and return its picture as SVG."""
    app = scene.app()
    async with app.run_test(size=size) as pilot:
        await scene.play(app, pilot)
        return local(app.export_screenshot(title="Anechoic"))


def draw(scene: Scene, size: tuple[int, int], name: str, png: Path | None) -> None:
    """Write the picture of a scene."""
    source = FOLDER / f"tui-{name}.svg"
    source.write_text(asyncio.run(picture(scene, size)))
    if png is not None:
        target = str(png / f"{name}.png")
        command = ["rsvg-convert", "--width", str(WIDTH), "--output", target]
        subprocess.run([*command, str(source)], check=True)


def main(arguments: list[str]) -> None:
    """Draw the named scenes, or all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--png", type=Path)
    parser.add_argument("names", nargs="*")
    wanted = parser.parse_args(arguments)
    for scene in SCENES:
        if not wanted.names or scene.name in wanted.names:
            draw(scene, SMALL, scene.name, wanted.png)
    if not wanted.names:
        large = next(scene for scene in SCENES if scene.name == "plan")
        draw(large, LARGE, "plan-large", wanted.png)


if __name__ == "__main__":
    main(sys.argv[1:])
