"""Which of several licenses is in force.

In each lineage the highest sequence inside ``[nbf, exp)`` counts, else inside
``[exp, term)``, else the highest that has begun, else the highest of all: while a
renewal is pending, the license before it stays, even if it has ended. Among lineages the same order of windows
decides, then a license for production before one for a trial, then the longer one: no
license ever shortens another. What is revoked counts only where nothing else is left.
A lineage is superseded once the license that says so has begun. Add-ons never stand
alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_license.model import Kind
from offline_license.revocation import NOTHING_REVOKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from offline_license.license import VerifiedLicense
    from offline_license.model import License
    from offline_license.revocation import Revocations

__all__ = ["choose", "lineages"]

_TRIALS = frozenset({Kind.EVALUATION, Kind.EMERGENCY})


def choose(
    licenses: tuple[VerifiedLicense, ...],
    t: int,
    revocations: Revocations = NOTHING_REVOKED,
) -> VerifiedLicense | None:
    """Choose the active license at ``t`` among genuine ones for this installation.

    Args:
        licenses: in any order, add-ons among them.
        t: effective time, seconds UTC.
        revocations: the list in force.
    """

    def standing_alone(one: VerifiedLicense) -> tuple[bool, int, bool, int]:
        license_ = one.license
        trial = license_.kind in _TRIALS
        revoked = revocations.revokes(license_, t)
        return not revoked, _window(license_, t), not trial, license_.exp

    whole = (one for one in licenses if one.license.parent is None)
    gone = _superseded(licenses, t)
    candidates = lineages(whole, t)
    return max(
        (one for lid, one in candidates.items() if lid not in gone),
        key=standing_alone,
        default=None,
    )


def lineages(
    licenses: Iterable[VerifiedLicense], t: int
) -> Mapping[bytes, VerifiedLicense]:
    """Return the license that counts in each lineage at ``t``."""
    ordered = sorted(
        licenses, key=lambda one: (_window(one.license, t), one.license.seq)
    )
    return {one.license.lid: one for one in ordered}


def _superseded(licenses: tuple[VerifiedLicense, ...], t: int) -> frozenset[bytes]:
    begun = (one.license for one in licenses if one.license.nbf <= t)
    return frozenset(lid for license_ in begun for lid in license_.superseded)


def _window(license_: License, t: int) -> int:
    """Order the windows: valid before grace before ended before pending."""
    if t < license_.nbf:
        return 0
    if t < license_.exp:
        return 3
    return 2 if t < license_.term else 1
