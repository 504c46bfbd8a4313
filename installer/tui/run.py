"""Run the full-screen program on a terminal and always give the terminal back."""

import asyncio
import os
import sys
from collections.abc import Mapping

from installer.tui.engine_like import EngineLike
from installer.tui.face import choose_face, textual_environment

DEFAULT_LOG = "/var/lib/anechoic/journal"


def run_tui(engine: EngineLike, *, log_path: str = DEFAULT_LOG) -> int:
    """Run until the operator leaves, and return the exit code.

    Textual is imported here and not before: the face decides what must stand in
    the environment at its import.
    """
    face = choose_face(os.environ, terminal_name())
    os.environ.update(textual_environment(face))
    from installer.tui.app import AnechoicApp  # noqa: PLC0415  see above
    from installer.tui.signals import EndedBy, orderly_end  # noqa: PLC0415

    app, ended_by = AnechoicApp(engine, face, log_path=log_path), EndedBy()

    async def main() -> str | None:
        with orderly_end(app, ended_by):
            return await app.run_async(mouse=face.mouse)

    words = asyncio.run(main())
    if words:
        sys.stdout.write(words + "\n")
    return ended_by.exit_code(app.return_code or 0)


def terminal_name() -> str:
    """Return the path of the terminal, empty when there is none."""
    try:
        return os.ttyname(sys.stdin.fileno())
    except OSError:
        return ""


def can_run(env: Mapping[str, str], *, stdin_tty: bool, stdout_tty: bool) -> bool:
    """Return whether a full screen makes sense here; else use plain lines."""
    return stdin_tty and stdout_tty and env.get("TERM", "") not in ("", "dumb")
