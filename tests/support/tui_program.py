"""The terminal program as a process of its own, over an engine in memory.

Run with `python -m tests.support.tui_program [TICKS | installed]`; the tests put it on
a real pseudo terminal.
"""

import sys
from pathlib import Path

from appliance.paths import HostPaths
from installer.tui import run_tui
from tests.support.fake_engine_client import FakeEngine


def main() -> int:
    """Play an engine without installation, or with one that stands still."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    ticks = int(asked) if asked.isdigit() else None
    engine = FakeEngine(ticks=ticks, speed=0, installed=asked == "installed")
    return run_tui(engine, HostPaths(Path("/nonexistent")))


if __name__ == "__main__":
    sys.exit(main())
