"""Let TUF read its metadata from a folder or a file instead of a server."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient.fetcher import FetcherInterface
from typing_extensions import override

from bundles.digests import chunks_of
from bundles.files import ForbiddenFileError, open_beneath

__all__ = ["METADATA_URL", "TARGET_URL", "DirectoryFetcher", "UpdateFetcher"]

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


class UpdateFetcher(FetcherInterface):
    """Serve what a trust update holds; other targets come from the medium, if any.

    Metadata of the medium is never mixed in.
    """

    def __init__(
        self, files: Mapping[str, bytes], medium: DirectoryFetcher | None = None
    ) -> None:
        self._files = files
        self._medium = medium

    @override
    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix(_SCHEME)
        if path in self._files:
            return iter((self._files[path],))
        if self._medium is None or url.startswith(METADATA_URL):
            raise DownloadHTTPError(f"{path} is missing", _NOT_FOUND)
        return self._medium.fetch(url)
