"""How this program starts its own other programs: the engine, the GPU probe.

Installed with pip they are modules of the same interpreter; in the self-contained
program there is no interpreter to call, so it calls itself.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Final

__all__ = ["RUN", "program_of", "run_module", "runs_from_elsewhere"]

RUN: Final = "--run-module"
_MODULES: Final = ("installer.engine.daemon", "installer.nvml.child")


def program_of(module: str) -> tuple[str, ...]:
    """Return the command that runs one of our modules as a program.

    ``-P`` keeps a folder named "installer" in the working directory out of root's
    path.
    """
    if getattr(sys, "frozen", False):
        return (sys.executable, RUN, module)
    return (sys.executable, "-P", "-m", module)


def runs_from_elsewhere(programs: Path) -> bool:
    """Tell whether this is the self-contained program, but not below ``programs``."""
    frozen = getattr(sys, "frozen", False)
    return bool(frozen) and programs not in Path(sys.executable).resolve().parents


def run_module(module: str) -> None:
    """Run one of our modules in this process, as ``python -m`` would.

    Raises:
        ValueError: it is none of ours.
    """
    if module not in _MODULES:
        msg = f"expected one of {_MODULES}, found {module!r}"
        raise ValueError(msg)
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
