"""The TUF client of the product: python-tuf's ``ngclient`` behind our own class.

What the library decides (signatures, thresholds, versions, sizes, expiry) stays with
the library.  This class adds what an appliance needs: a target is read into memory
under a limit of ours, and every error arrives as one of two families.

Time: ``ngclient`` 7.0.1 takes the wall clock when it is constructed and offers no way
to pass a time in.  The caller therefore refuses a clock that is behind *before* the
library runs, and judges the dates again with the time it was given afterwards.
"""

from pathlib import Path
from typing import Final
from urllib.parse import quote

from tuf.api.exceptions import DownloadLengthMismatchError, RepositoryError
from tuf.ngclient import Updater
from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

__all__ = ["LIMITS", "TrustClient"]

LIMITS: Final = UpdaterConfig(
    max_root_rotations=256,
    max_delegations=32,
    root_max_length=512_000,  # bytes
    timestamp_max_length=16_384,  # bytes
    snapshot_max_length=2_000_000,  # bytes
    targets_max_length=5_000_000,  # bytes
)


class TrustClient:
    """Walk from a trusted root to verified targets.

    Raises (all methods):
        tuf.api.exceptions.RepositoryError: metadata is refused.
        tuf.api.exceptions.DownloadError: metadata cannot be fetched.
        OSError: the state folder cannot be written.
    """

    def __init__(
        self,
        *,
        state_dir: Path,
        metadata_url: str,
        target_url: str,
        fetcher: FetcherInterface,
        bootstrap: bytes | None,
    ) -> None:
        self._state_dir = state_dir
        self._fetcher = fetcher
        self._target_url = target_url
        self._updater = Updater(
            str(state_dir),
            metadata_url,
            target_base_url=target_url,
            fetcher=fetcher,
            config=LIMITS,
            bootstrap=bootstrap,
        )

    def refresh(self) -> None:
        """Bring root, timestamp, snapshot and targets up to date, verified."""
        self._updater.refresh()

    def download_target(self, name: str, directory: Path) -> Path:
        """Have the verified target ``name`` as a file in ``directory``.

        A file that is there with the right content is not fetched again.

        Returns:
            The file; its name is the quoted name of the target.

        Raises:
            RepositoryError: nobody signed a target of this name.
        """
        info = self._updater.get_targetinfo(name)
        if info is None:
            raise RepositoryError(f"expected a signed target {name!r}, found none")
        path = directory / quote(name, safe="")
        if self._updater.find_cached_target(info, str(path)) is None:
            self._updater.download_target(info, str(path))
        return path

    def read_target(self, name: str, *, limit_bytes: int) -> bytes | None:
        """Return the verified content of a small target, None if nobody signed one.

        Raises:
            DownloadLengthMismatchError: the target is longer than the limit; nothing
                of it was read.
        """
        info = self._updater.get_targetinfo(name)
        if info is None:
            return None
        if info.length > limit_bytes:
            message = f"{name}: expected at most {limit_bytes} bytes"
            raise DownloadLengthMismatchError(f"{message}, found {info.length}")
        path = info.get_prefixed_paths()[0]
        data = self._fetcher.download_bytes(f"{self._target_url}{path}", info.length)
        info.verify_length_and_hashes(data)
        return data
