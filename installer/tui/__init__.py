"""The operator's full-screen face: a wizard, then a live status page.

It is a viewer. It asks the engine for facts, shows them, and sends the
operator's intent back; killing it changes nothing. Importing this package does
not import Textual: that happens when `run_tui` is called, so that the command
line stays fast and works where Textual is not installed.
"""

from installer.tui.face import Face, choose_face
from installer.tui.run import can_run, run_tui

__all__ = ["Face", "can_run", "choose_face", "run_tui"]
