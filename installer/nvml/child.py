"""The child process that speaks to the driver: one JSON line a report.

`python -m installer.nvml.child` prints one report and ends. With `--interval S`
it stays, prints one report every S seconds, adds the fault events since the
last one, and ends when nobody reads it any more or the driver is unusable.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from typing import TYPE_CHECKING

from installer.nvml.driver import Nvml, open_or_trouble, report_or_trouble
from installer.nvml.model import GpuReport

if TYPE_CHECKING:
    from collections.abc import Sequence


def _send(report: GpuReport) -> bool:
    """Print one line; False when the reader has gone."""
    try:
        print(json.dumps(dataclasses.asdict(report)), flush=True)  # noqa: T201
    except BrokenPipeError:
        return False
    return True


def _watch(nvml: Nvml, interval_s: float) -> None:
    nvml.watch_xids()
    while True:
        report = report_or_trouble(nvml)
        if not _send(report) or report.trouble:
            return
        time.sleep(interval_s)


def main(argv: Sequence[str] | None = None) -> int:
    """Report once, or for as long as somebody listens."""
    parser = argparse.ArgumentParser(prog="installer.nvml.child", description=__doc__)
    parser.add_argument("--interval", type=float, default=None, metavar="S")
    interval_s: float | None = parser.parse_args(argv).interval
    opened = open_or_trouble()
    if isinstance(opened, GpuReport):
        _send(opened)
    elif interval_s is None:
        _send(report_or_trouble(opened))
    else:
        _watch(opened, interval_s)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Leaving by os._exit skips the driver's own exit handlers, which can hang.
    os._exit(status)
