"""Run the full-screen program on a terminal and always give the terminal back."""

import asyncio
import os
import sys
from collections.abc import Mapping

from appliance.paths import HostPaths
from installer.client import EngineClient
from installer.errors import InstallerError
from installer.settings import load_answers
from installer.tui.engine_like import EngineLike
from installer.tui.face import choose_face, textual_environment


def run_tui(engine: EngineLike | None = None, paths: HostPaths | None = None) -> int:
    """Run until the operator leaves, and return the exit code.

    Textual is imported here and not before: the face decides what must stand in
    the environment at its import.

    Args:
        engine: what is looked at; the engine of this host when none is given.
        paths: where this host keeps the log and the settings of an earlier run.
    """
    paths = paths or HostPaths.from_environment()
    face = choose_face(os.environ, terminal_name())
    os.environ.update(textual_environment(face))
    from installer.tui.app import AnechoicApp  # noqa: PLC0415  see above
    from installer.tui.signals import EndedBy, orderly_end  # noqa: PLC0415
    from installer.tui.surroundings import Surroundings  # noqa: PLC0415

    surroundings = Surroundings(
        log_path=str(paths.daemon_log), answers=earlier_answers(paths)
    )
    app = AnechoicApp(engine or EngineClient(paths), face, surroundings)
    ended_by = EndedBy()

    async def main() -> str | None:
        with orderly_end(app, ended_by):
            return await app.run_async(mouse=face.mouse)

    words = asyncio.run(main())
    if words:
        sys.stdout.write(words + "\n")
    return ended_by.exit_code(app.return_code or 0)


def earlier_answers(paths: HostPaths) -> dict[str, str]:
    """Return the settings of an earlier installation as texts; none is fine too."""
    try:
        settings = load_answers(paths.settings)
    except InstallerError:
        return {}
    values = settings.model_dump(mode="json")
    return {name: str(value) for name, value in values.items() if value is not None}


def terminal_name() -> str:
    """Return the path of the terminal, empty when there is none."""
    try:
        return os.ttyname(sys.stdin.fileno())
    except OSError:
        return ""


def can_run(env: Mapping[str, str], *, stdin_tty: bool, stdout_tty: bool) -> bool:
    """Return whether a full screen makes sense here; else use plain lines."""
    return stdin_tty and stdout_tty and env.get("TERM", "") not in ("", "dumb")
