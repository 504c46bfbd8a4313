"""Look at the files of a site when they have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.license_files import SiteFiles, read_site, site_stamp
from appliance.license_proxy.site import Accepted, Site, judge
from appliance.logs import logger_for, trouble

if TYPE_CHECKING:
    from pathlib import Path

    from offline_license.anchor import LicenseAnchor

__all__ = ["SiteReader"]

_LOG = logger_for("license.site")
_NOTHING = SiteFiles({}, None, None, None, {})


class SiteReader:
    """Reads and judges the files of one folder."""

    def __init__(self, directory: Path, anchor: LicenseAnchor) -> None:
        """Know the folder and the root keys; nothing is read yet."""
        self._directory = directory
        self._anchor = anchor
        self._stamp: object = None

    def changed(self) -> bool:
        """Tell whether a file is another than when it was last read."""
        return site_stamp(self._directory) != self._stamp

    def read(self, before: Accepted) -> Site | None:
        """Judge the files; None where that failed in a way that nobody foresaw.

        The same files are not judged again then: they would fail again.
        """
        self._stamp = site_stamp(self._directory)
        try:
            return judge(read_site(self._directory), self._anchor, before)
        except Exception as error:  # noqa: BLE001 - no new information
            trouble(_LOG, "site.unjudged", kind=type(error).__name__)
            return None

    def recall(self, before: Accepted) -> Site:
        """Judge what was accepted before, without looking at any file."""
        return judge(_NOTHING, self._anchor, before)
