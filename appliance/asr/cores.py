"""How many CPU cores this process may use."""

import os
from pathlib import Path
from typing import Final

_MOST: Final = 4
_QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(quota_file: Path = _QUOTA) -> int:
    """Count the cores that affinity and the cgroup quota leave, at most four.

    More threads than cores make the engine slower, not faster.
    """
    cores = len(os.sched_getaffinity(0))
    try:
        quota, period = quota_file.read_text(encoding="ascii").split()
        if quota != "max":
            cores = min(cores, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass
    return max(1, min(_MOST, cores))
