from pathlib import Path

import pytest

from installer.carried import find_files, find_media, mounted, places, writable

TABLE = """\
/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
/dev/sdb1 /media/my\\040stick vfat ro 0 0
overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0
"""


def _medium(folder: Path) -> Path:
    (folder / "tuf").mkdir(parents=True)
    (folder / "release").mkdir()
    return folder


def test_real_file_systems_are_found_in_the_mount_table() -> None:
    assert mounted(TABLE) == (Path("/media/my stick"),)


def test_places_hold_the_usual_folders_without_a_mount_table(tmp_path: Path) -> None:
    assert places(tmp_path / "absent", [tmp_path]) == (tmp_path,)


def test_a_medium_is_found_at_the_top_and_below(tmp_path: Path) -> None:
    top, below = _medium(tmp_path / "a"), _medium(tmp_path / "b/user/anechoic")

    assert find_media([tmp_path / "a", tmp_path / "b"]) == (top, below)


def test_a_folder_without_metadata_is_no_medium(tmp_path: Path) -> None:
    (tmp_path / "tuf").mkdir()

    assert find_media([tmp_path]) == ()


def test_licenses_are_found_by_name(tmp_path: Path) -> None:
    wanted = tmp_path / "papers/harbor.alic"
    wanted.parent.mkdir()
    wanted.touch()
    (tmp_path / "papers/notes.txt").touch()

    assert find_files([tmp_path], "*.alic") == (wanted,)


def test_a_folder_that_cannot_be_read_hides_nothing_else(tmp_path: Path) -> None:
    medium = _medium(tmp_path / "a")

    assert find_media([tmp_path / "absent", tmp_path]) == (medium,)


def test_only_what_is_mounted_and_writable_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick, folder, gone = tmp_path / "stick", tmp_path / "folder", tmp_path / "gone"
    stick.mkdir()
    folder.mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda path: path in (stick, gone))

    assert writable([stick, folder, gone, stick]) == (stick,)
