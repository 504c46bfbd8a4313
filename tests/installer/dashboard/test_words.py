from __future__ import annotations

import pytest

from installer.dashboard import words


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (180 * 1024**2, "180 MiB"),
        (1024**3, "1.0 GiB"),
        (3 * 1024**4, "3.0 TiB"),
    ],
)
def test_sizes(count: float, expected: str) -> None:
    assert words.size(count) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "59 s"),
        (60, "1 min"),
        (3 * 3600 + 120, "3 h 2 min"),
        (86400, "1 day 0 h"),
        (12 * 86400 + 3600, "12 days 1 h"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert words.duration(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "less than a day"), (86400, "1 day"), (2.9 * 86400, "2 days")],
)
def test_days_left_are_never_rounded_up(seconds: float, expected: str) -> None:
    assert words.days(seconds) == expected


def test_a_share_of_nothing_has_no_bar() -> None:
    assert words.share(1, 0) is None
