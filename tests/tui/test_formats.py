from datetime import UTC, datetime, timedelta, timezone

import pytest

from installer.tui import formats


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (None, "not available"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536 * 1024, "1.5 MiB"),
        (143 * 1024**2, "143 MiB"),
        (3 * 1024**4, "3.0 TiB"),
        (5000 * 1024**4, "5000 TiB"),
    ],
)
def test_sizes_are_short_and_unknown_is_said(
    size_bytes: int | None, words: str
) -> None:
    assert formats.size(size_bytes) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (993 * 1024**2, 24 * 1024**3, "1.0 of 24 GiB"),
        (184 * 1024**3, 252 * 1024**3, "184 of 252 GiB"),
        (3, 9, "3 of 9 B"),
    ],
)
def test_a_share_names_the_unit_once(part: int, whole: int, words: str) -> None:
    assert formats.share(part, whole) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (65, "1 min 05 s"),
        (3700, "1 h 01 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, words: str) -> None:
    assert formats.duration(seconds) == words


def test_a_time_is_shown_in_utc_and_here() -> None:
    zone = timezone(timedelta(hours=1), "CET")
    moment = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)

    assert formats.utc(moment.astimezone(zone)) == "2027-01-31 12:00 UTC"
    assert formats.local(moment, zone) == "2027-01-31 13:00 CET"


def test_percent_of_nothing_is_nothing() -> None:
    assert formats.percent(5, 0) == 0
    assert formats.percent(5, 4) == 100


def test_a_long_text_is_cut_with_a_mark() -> None:
    assert formats.shorten_end("nftables 1.0.6", 8, "...") == "nftab..."
    assert formats.shorten_end("short", 8, "...") == "short"
