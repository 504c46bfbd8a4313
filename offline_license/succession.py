"""Whether a genuine license may follow the ones that a site has had.

The sequence of a lineage only grows, with gaps as they come; the same object again is
no step at all. A license of another lineage must say which one it replaces, or belong
to one. Two are always welcome: the first license of a site, and one for emergencies.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from offline_license.dates import valid_through
from offline_license.errors import LineageError, SupersededError
from offline_license.keys import short_id
from offline_license.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offline_license.license import VerifiedLicense
    from offline_license.model import License

__all__ = ["Succession", "check_succession"]


class Succession(Enum):
    """What a license is to those known."""

    SAME = "same"
    RENEWAL = "renewal"
    FIRST = "first"
    REPLACEMENT = "replacement"
    ADD_ON = "add-on"
    EMERGENCY = "emergency"


_NONE_SEEN: Mapping[bytes, int] = MappingProxyType({})


def check_succession(
    new: VerifiedLicense,
    known: tuple[VerifiedLicense, ...],
    highest: Mapping[bytes, int] = _NONE_SEEN,
) -> Succession:
    """Return what a license is to those known, or refuse it.

    Args:
        new: genuine, and for this installation.
        known: the licenses of this site.
        highest: the highest sequence ever seen by lineage, where more is remembered
            than the licenses themselves.

    Raises:
        SupersededError: not newer than what was seen; it shows both dates.
        LineageError: of a lineage that has nothing to do with those known.
    """
    if any(one.digest == new.digest for one in known):
        return Succession.SAME
    license_ = new.license
    lineage = [one.license for one in known if one.license.lid == license_.lid]
    seen = max([highest.get(license_.lid, -1), *(one.seq for one in lineage)])
    if license_.seq <= seen:
        raise SupersededError(_superseded(license_, lineage, seen))
    if seen >= 0:
        return Succession.RENEWAL
    return _relation(license_, {one.license.lid for one in known} | set(highest))


def _relation(license_: License, lids: set[bytes]) -> Succession:
    """Return what a license of a lineage not seen before is to the others."""
    if not lids:
        return Succession.FIRST
    if license_.parent in lids:
        return Succession.ADD_ON
    if not lids.isdisjoint(license_.superseded):
        return Succession.REPLACEMENT
    if license_.kind is Kind.EMERGENCY:
        return Succession.EMERGENCY
    here = ", ".join(sorted(map(short_id, lids)))
    raise LineageError(
        f"license {license_.serial}: expected one that replaces or extends {here}, "
        "found one of its own"
    )


def _superseded(license_: License, lineage: list[License], seen: int) -> str:
    found = f"license {license_.serial}, valid through {valid_through(license_.exp)}"
    newest = max(lineage, key=lambda one: one.seq, default=None)
    if newest is None or newest.seq < seen:
        return f"{found}: expected a newer one than {short_id(license_.lid)}/{seen}"
    return (
        f"{found}: expected a newer one than {newest.serial}, valid through "
        f"{valid_through(newest.exp)}"
    )
