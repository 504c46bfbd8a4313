"""Let TUF read its metadata from a folder instead of a server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient.fetcher import FetcherInterface
from typing_extensions import override

from bundles.digests import chunks_of
from bundles.files import ForbiddenFileError, open_beneath

__all__ = ["METADATA_URL", "TARGET_URL", "DirectoryFetcher"]

METADATA_URL: Final = "medium:tuf/"
TARGET_URL: Final = "medium:release/"
_SCHEME: Final = "medium:"
_NOT_FOUND: Final = 404


class DirectoryFetcher(FetcherInterface):
    """Serve ``medium:<path>`` from the plain files below one folder.

    A missing file is answered like a server does (404): the search for newer roots
    ends on that answer only.  Every other trouble of the operating system becomes a
    ``DownloadError``, also in the middle of a file, where the base class does not
    look.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @override
    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix(_SCHEME)
        try:
            with open_beneath(self._root, path) as stream:
                yield from chunks_of(stream, 64 * 1024)
        except FileNotFoundError as error:
            raise DownloadHTTPError(f"{path} is missing", _NOT_FOUND) from error
        except ForbiddenFileError as error:
            raise DownloadError(str(error)) from error
        except (OSError, ValueError) as error:
            raise DownloadError(f"{path} cannot be read: {error}") from error
