"""Reading what lies on a stick (case 13)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from appliance.license_files import PUBLIC, read_site, read_small, site_stamp
from offline_license.errors import SizeError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_small_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.alic"
    path.write_bytes(b"x" * 65_536)

    assert len(read_small(path)) == 65_536


def test_one_byte_more_than_allowed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.alic"
    path.write_bytes(b"x" * 65_537)

    with pytest.raises(SizeError):
        read_small(path)


def test_ten_sparse_gigabytes_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.alic"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)

    with pytest.raises(SizeError):
        read_small(path)


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    path = tmp_path / "a.alic"
    os.mkfifo(path)

    with pytest.raises(SizeError, match="regular"):
        read_small(path)


def test_a_device_behind_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.alic"
    path.symlink_to("/dev/zero")

    with pytest.raises(SizeError, match="regular"):
        read_small(path)


def test_a_folder_named_like_a_license_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.alic"
    path.mkdir()

    with pytest.raises((SizeError, OSError)):
        read_small(path)


def test_strange_files_become_problems_and_leave_the_others(tmp_path: Path) -> None:
    public = tmp_path / PUBLIC
    public.mkdir()
    (public / "a.alic").write_bytes(b"a")
    (public / "b.alic").mkdir()
    (public / "c.arsp").write_bytes(b"c")
    os.mkfifo(public / "keyset.cbor")

    files = read_site(tmp_path)

    assert files.licenses == {"a.alic": b"a"}
    assert files.responses == {"c.arsp": b"c"}
    assert set(files.problems) == {"b.alic", "keyset.cbor"}
    assert files.host is files.revocations is None


@pytest.mark.parametrize("folder", [".", PUBLIC])
def test_the_stamp_changes_with_every_replaced_file(
    tmp_path: Path, folder: str
) -> None:
    (tmp_path / PUBLIC).mkdir()
    path = tmp_path / folder / "license.alic"
    path.write_bytes(b"a")
    before = site_stamp(tmp_path)

    other = tmp_path / "new"
    other.write_bytes(b"b")
    other.replace(path)

    assert site_stamp(tmp_path) != before


def test_a_missing_folder_has_an_empty_stamp(tmp_path: Path) -> None:
    assert site_stamp(tmp_path / "missing") == ()
    assert read_site(tmp_path / "missing").licenses == {}
