import errno
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from tuf.api.exceptions import DownloadError, DownloadHTTPError

from bundles.errors import UnreadableError
from bundles.medium import open_medium
from bundles.trust.fetcher import DirectoryFetcher
from tests.support.media import MediumFactory


def test_a_file_is_served_from_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "tuf").mkdir()
    (tmp_path / "tuf/1.root.json").write_bytes(b"root")

    data = DirectoryFetcher(tmp_path).download_bytes("medium:tuf/1.root.json", 10)

    assert data == b"root"


def test_a_missing_file_is_404_so_that_the_search_for_roots_ends(
    tmp_path: Path,
) -> None:
    with pytest.raises(DownloadHTTPError) as caught:
        DirectoryFetcher(tmp_path).download_bytes("medium:tuf/2.root.json", 10)

    assert caught.value.status_code == 404


@pytest.mark.parametrize("url", ["medium:../secret", "medium:/etc/passwd", "medium:"])
def test_a_url_that_leaves_the_folder_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadError):
        DirectoryFetcher(tmp_path).download_bytes(url, 10)


def test_a_read_error_in_mid_file_is_a_download_error(
    vendor: MediumFactory, medium_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(stream: IO[bytes], size: int) -> Iterator[bytes]:
        yield stream.read(min(size, 10))
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("bundles.trust.fetcher.chunks_of", failing)

    with pytest.raises(UnreadableError, match="Input/output error"):
        open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)
