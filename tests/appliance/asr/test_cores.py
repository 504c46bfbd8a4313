"""Threads follow what the container may really use."""

import os
from pathlib import Path

import pytest

from appliance.asr.cores import usable_cores


@pytest.mark.parametrize(
    ("quota", "most"),
    [("100000 100000", 1), ("50000 100000", 1), ("max 100000", 4), ("?", 4)],
)
def test_the_quota_bounds_the_threads(tmp_path: Path, quota: str, most: int) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(quota)

    assert usable_cores(file) == min(most, len(os.sched_getaffinity(0)))


def test_no_quota_file_is_fine(tmp_path: Path) -> None:
    assert usable_cores(tmp_path / "none") >= 1
