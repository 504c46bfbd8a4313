"""An installation, and its part that only loads: all of their steps, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.engine.finishing import finishing_steps
from installer.engine.loading import loading_steps
from installer.engine.preparing import judging_steps, preparing_steps
from installer.engine.running import running_steps
from installer.engine.wiring import wiring_steps

if TYPE_CHECKING:
    from installer.engine.job import Job
    from installer.engine.steps import Step

__all__ = ["install_steps", "load_steps"]


def install_steps(job: Job) -> tuple[Step, ...]:
    """Judge everything, load, wire, run, prove, and write the receipt."""
    return (
        *preparing_steps(job),
        *loading_steps(job),
        *wiring_steps(job),
        *running_steps(job),
        *finishing_steps(job),
    )


def load_steps(job: Job) -> tuple[Step, ...]:
    """Judge the medium and load it; nothing that runs is touched."""
    return (*judging_steps(job), *loading_steps(job))
