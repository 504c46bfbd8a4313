"""The vendor's register of releases and trust updates: one line of JSON for each.

Each line has a number, the version of the signed metadata, that only grows.  From the
lines before a number follows what was good and what was revoked at that time, so a
release that is built again lists the same as before.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bundles.files import write_durably
from bundles.timestamps import from_rfc3339, to_rfc3339
from bundles.trust.catalog import Catalog, ListedRelease, Revocation

__all__ = ["Releases"]


@dataclass(frozen=True, slots=True)
class Releases:
    """The register at ``path``; a file that is not there is an empty register."""

    path: Path

    def next_sequence(self) -> int:
        """Return the sequence of the next release, from 1."""
        return 1 + max((one.get("sequence", 0) for one in self._lines()), default=0)

    def next_version(self) -> int:
        """Return the version for the next metadata, above all so far."""
        return 1 + max((_version(one) for one in self._lines()), default=0)

    def version_of(self, sequence: int) -> int:
        """Return the metadata version for a release: as before if it is built again."""
        lines = self._lines()
        known = (_version(one) for one in lines if one.get("sequence") == sequence)
        return next(known, max(sequence, self.next_version()))

    def catalog(self, before: int, created: datetime) -> Catalog:
        """Return what was good and what was revoked before a metadata version.

        Releases that were registered without a digest are left out.
        """
        catalog = Catalog(created)
        for line in sorted(self._lines(), key=_version):
            if _version(line) < before:
                catalog = _followed(catalog, line)
        return catalog

    def add_release(
        self, listed: ListedRelease, created: datetime, *, version: int
    ) -> None:
        """Note a release, in the place of one of the same sequence."""
        line = {
            "metadata": version,
            "sequence": listed.release_seq,
            "version": listed.product_version,
            "created": to_rfc3339(created),
            "sha256": listed.sha256,
            "size_bytes": listed.size_bytes,
            "install_by": to_rfc3339(listed.install_by),
        }
        others = (
            one for one in self._lines() if one.get("sequence") != listed.release_seq
        )
        self._write([*others, line])

    def add_update(
        self,
        version: int,
        created: datetime,
        *,
        revoked: Iterable[int],
        install_by: datetime | None,
    ) -> None:
        """Note a trust update and what it changed."""
        line = {
            "metadata": version,
            "created": to_rfc3339(created),
            "revoked": sorted(revoked),
            "install_by": None if install_by is None else to_rfc3339(install_by),
        }
        self._write([*self._lines(), line])

    def _lines(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def _write(self, lines: Iterable[dict[str, Any]]) -> None:
        text = "".join(json.dumps(one) + "\n" for one in lines)
        write_durably(self.path, text.encode())


def _version(line: dict[str, Any]) -> int:
    version: int = line.get("metadata", line.get("sequence", 0))
    return version


def _followed(catalog: Catalog, line: dict[str, Any]) -> Catalog:
    if "sha256" in line:
        return catalog.with_release(
            ListedRelease(
                line["sequence"],
                line["version"],
                line["sha256"],
                line["size_bytes"],
                from_rfc3339(line["install_by"]),
            )
        )
    if "revoked" not in line:
        return catalog
    return _extended(_revoked(catalog, line), line["install_by"])


def _revoked(catalog: Catalog, line: dict[str, Any]) -> Catalog:
    since, bad = from_rfc3339(line["created"]), set(line["revoked"])
    revoked = (
        Revocation(
            one.release_seq, one.product_version, one.sha256, since, line["metadata"]
        )
        for one in catalog.good
        if one.release_seq in bad
    )
    good = tuple(one for one in catalog.good if one.release_seq not in bad)
    return replace(catalog, good=good, revoked=(*catalog.revoked, *revoked))


def _extended(catalog: Catalog, install_by: str | None) -> Catalog:
    if install_by is None:
        return catalog
    until = from_rfc3339(install_by)
    good = (replace(one, install_by=max(one.install_by, until)) for one in catalog.good)
    return replace(catalog, good=tuple(good))
