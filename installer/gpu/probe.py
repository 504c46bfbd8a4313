"""Ask the driver once, from a child process that is killed at the deadline.

A call into the NVIDIA driver can block for ever, unkillable, inside the kernel
(aristocratos/btop#1612). The caller never waits for such a child: it is sent a
kill, left to the kernel, and the report says "not responding".
"""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Final

from installer.gpu.wire import parse_report
from installer.nvml.model import GpuReport, Trouble
from installer.programs import program_of

if TYPE_CHECKING:
    from collections.abc import Sequence

CHILD: Final = program_of("installer.nvml.child")
_REAP_S: Final = 0.5
_EVIDENCE_CHARS: Final = 300


def probe(deadline_s: float = 10.0, *, command: Sequence[str] = CHILD) -> GpuReport:
    """Read all GPUs once; give the trouble instead of raising.

    Args:
        deadline_s: how long the driver may take to answer.
        command: the child to run; tests pass their own.
    """
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return _trouble(Trouble.CRASHED, f"the probe could not be started: {error}")
    try:
        out, err = child.communicate(timeout=deadline_s)
    except subprocess.TimeoutExpired:
        _abandon(child)
        return _trouble(Trouble.NOT_RESPONDING, f"no answer within {deadline_s:g} s")
    try:
        return parse_report(out)
    except ValueError:
        return _trouble(Trouble.CRASHED, _last_words(child.returncode, err))


def _abandon(child: subprocess.Popen[bytes]) -> None:
    """Kill the child without waiting for a kernel call that may never end."""
    child.kill()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(_REAP_S)
    except subprocess.TimeoutExpired:
        child.returncode = child.returncode or -9


def _last_words(status: int, err: bytes) -> str:
    how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
    words = err.decode(errors="replace").strip()[-_EVIDENCE_CHARS:]
    return f"{how}: {words}" if words else how


def _trouble(trouble: Trouble, detail: str) -> GpuReport:
    return GpuReport(taken_at=time.time(), trouble=trouble, detail=detail)
