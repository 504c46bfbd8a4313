"""Run the terminal program in memory: a small world, settled screens, their text."""

from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from textual import events
from textual.app import App
from textual.pilot import Pilot

from installer.tui.app import AnechoicApp
from installer.tui.face import Face
from installer.tui.surroundings import Surroundings
from tests.support.fake_engine_client import FakeEngine
from tests.support.fake_engine_facts import NOW

CET = timezone(timedelta(hours=1), "CET")
SMALL, LARGE = (80, 24), (120, 40)
USB = "/media/usb/anechoic"
Terminal = Pilot[Any]


def make_app(
    engine: FakeEngine,
    *,
    face: Face | None = None,
    found: tuple[Path, ...] = (),
    answers: Mapping[str, str] | None = None,
    kept: Path = Path("/home/operator"),
) -> AnechoicApp:
    """Build the program over an engine in memory; time, name and disks are fixed."""
    surroundings = Surroundings(
        log_path="/var/log/anechoic/anechoicd.log",
        host="anechoic-7",
        now=lambda: NOW,
        zone=CET,
        places=lambda: found,
        poll_s=0.05,
        answers=answers or {},
        kept=kept,
    )
    return AnechoicApp(engine, face or Face(), surroundings)


async def settled(pilot: Terminal) -> None:
    """Wait until every question is answered and everything is drawn."""
    asks = [worker for worker in pilot.app.workers if worker.group == "ask"]
    if asks:  # no worker at all would mean every worker
        await pilot.app.workers.wait_for_complete(asks)
    await pilot.pause()


async def until(pilot: Terminal, reached: Callable[[], bool]) -> None:
    """Wait until something is so; give up after ten seconds."""
    for _ in range(500):
        if reached():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError(f"not reached; the screen shows:\n{text_of(pilot.app)}")


async def type_text(pilot: Terminal, text: str) -> None:
    """Put text into the focused field, as a paste from the terminal does."""
    assert pilot.app.focused is not None
    pilot.app.focused.post_message(events.Paste(text))
    await pilot.pause(0)


def text_of(app: App[Any]) -> str:
    """Return what stands on the screen as text, a line a row."""
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
    )
    console.print(app.screen._compositor.render_update(full=True))
    lines = console.export_text(styles=False).splitlines()
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"
