"""What is read from a stick, and what is kept of a paste before the installation."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from installer.tui.screens.license_carried import keep
from installer.tui.screens.license_simulate import (
    SimulateWordsError,
    read_day,
    read_swaps,
)
from installer.tui.screens.save import FileRefusedError
from installer.tui.widgets.paste import whole_line
from offline_license.scanner import scanner_text

SERIAL = "1F2E-3D4C/3"


def test_a_paste_is_kept_under_its_serial(tmp_path: Path) -> None:
    path = keep(tmp_path, SERIAL, b"one")

    assert path == str(tmp_path / "1F2E-3D4C-3.alic")
    assert keep(tmp_path, SERIAL, b"one") == path


def test_another_paste_of_the_same_serial_gets_another_name(tmp_path: Path) -> None:
    keep(tmp_path, SERIAL, b"one")

    second = Path(keep(tmp_path, SERIAL, b"two"))

    assert second.name == "1F2E-3D4C-3-2.alic"
    assert second.read_bytes() == b"two"


def test_a_folder_that_takes_no_file_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError):
        keep(tmp_path / "absent", SERIAL, b"one")


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("", None),
        ("2027-02-01", datetime(2027, 2, 1, tzinfo=UTC)),
        ("2027-02-01 12:30 UTC", datetime(2027, 2, 1, 12, 30, tzinfo=UTC)),
        ("2027-02-01T12:30+00:00", datetime(2027, 2, 1, 12, 30, tzinfo=UTC)),
    ],
)
def test_a_day_is_read_as_utc(words: str, day: datetime | None) -> None:
    assert read_day(words) == day


def test_parts_are_read_with_commas_or_blanks_and_once() -> None:
    assert read_swaps("NIC, gpu nic") == ("nic", "gpu")
    with pytest.raises(SimulateWordsError, match="keyboard"):
        read_swaps("keyboard")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (scanner_text(bytes(60)), True),
        (scanner_text(bytes(60)).splitlines()[0] + "\n", False),
        ("\n".join(scanner_text(bytes(60)).splitlines()[:2]) + "\n", False),
        ("ANX:6BFOX\n", True),
        ("ANX2/3:6BFOX\n", True),
        ("-----BEGIN ANECHOIC LICENSE-----\nabc\n", False),
        (
            "-----BEGIN ANECHOIC LICENSE-----\nabc\n-----END ANECHOIC LICENSE-----\n",
            True,
        ),
        ("\n", False),
    ],
)
def test_the_end_of_what_a_scanner_types_is_seen(text: str, *, whole: bool) -> None:
    assert whole_line(text) is whole
