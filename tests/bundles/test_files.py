import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.digests import hex_of
from bundles.files import (
    ForbiddenFileError,
    is_safe_path,
    open_beneath,
    read_beneath,
    write_durably,
)


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "..", "a/../b", "a//b", "./a", "a/", "a\\b", "a\nb", "a\0b"],
)
def test_paths_that_leave_or_confuse_are_not_safe(path: str) -> None:
    assert not is_safe_path(path)


@given(st.text(max_size=40))
def test_a_safe_path_stays_in_its_folder(path: str) -> None:
    if is_safe_path(path):
        assert os.path.normpath(f"/root/{path}") == f"/root/{path}"


def test_a_plain_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").write_bytes(b"content")

    with open_beneath(tmp_path, "a/b") as stream:
        assert stream.read() == b"content"


def test_a_link_at_the_end_of_the_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/etc/hostname")

    with pytest.raises(ForbiddenFileError):
        open_beneath(tmp_path, "a")


def test_a_link_in_the_middle_of_the_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/etc")

    with pytest.raises(ForbiddenFileError):
        open_beneath(tmp_path, "a/hostname")


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ForbiddenFileError):
        open_beneath(tmp_path, "pipe")


def test_a_folder_is_refused_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(ForbiddenFileError):
        open_beneath(tmp_path, "folder")


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(NotADirectoryError):
        open_beneath(tmp_path, "file/below")


def test_a_path_that_leaves_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="relative path"):
        open_beneath(tmp_path, "../secret")


@pytest.mark.parametrize("digest", ["sha512:00", "sha256:../../x", "", "a" * 64])
def test_only_a_digest_becomes_a_file_name(digest: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        hex_of(digest)


def test_a_missing_file_is_named_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_beneath(tmp_path, "none/at/all")


def test_reading_never_goes_over_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")

    with pytest.raises(ValueError, match="at most 4 bytes, found 5"):
        read_beneath(tmp_path, "a", limit_bytes=4)


def test_a_durable_write_replaces_the_file_and_leaves_nothing_else(
    tmp_path: Path,
) -> None:
    (tmp_path / ".key.partial").write_bytes(b"left by a crash")
    write_durably(tmp_path / "key", b"old")

    write_durably(tmp_path / "key", b"new", mode=0o600)

    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
