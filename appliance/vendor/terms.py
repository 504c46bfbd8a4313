"""What the vendor decides when it issues a license, and what a renewal keeps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from offline_license.dates import exp_of, start_of, term_of, valid_through
from offline_license.model import (
    UNLIMITED,
    WARN_DAYS,
    Capacity,
    Kind,
    License,
    Post,
    ReportCadence,
)
from offline_license.tolerances import DAY_S

__all__ = ["EXTENSION_DAYS", "GRACE_DAYS", "LicenseTerms", "next_through"]

EXTENSION_DAYS: Final = 14
GRACE_DAYS: Final = 30
_YEAR_DAYS: Final = range(360, 373)


@dataclass(frozen=True, slots=True)
class LicenseTerms:
    """What the vendor decides when it issues a license.

    Attributes:
        licensee: display name, at most 48 bytes.
        through: the last day of validity; it ends when it has ended everywhere.
        grace_days: days of full service after that.
        features: entitlement codes.
        warn_days: None takes those of the usual days that fit the validity.
        customer: any stable name of the customer; its hash enters the license.
        extension_codes: how many emergency codes the license provides, at most 255.
        extension_days: what each code grants.
        not_before: the first day; None is at once.
        report: how often a usage report is asked for.
        max_build_date: software built up to this day keeps its service for good.
        keyset_version: the least key set that the site must have.
        parent: the lineage that an add-on belongs to.
        superseded: lineages that this license replaces.
    """

    licensee: str
    through: date
    grace_days: int = GRACE_DAYS
    kind: Kind = Kind.PRODUCTION
    capacity: Capacity = UNLIMITED
    features: tuple[int, ...] = ()
    post: Post = Post.TRICKLE
    warn_days: tuple[int, ...] | None = None
    customer: str = ""
    extension_codes: int = 0
    extension_days: int = EXTENSION_DAYS
    not_before: date | None = None
    report: ReportCadence | None = None
    max_build_date: date | None = None
    keyset_version: int | None = None
    parent: bytes | None = None
    superseded: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, license_: License, *, through: date) -> LicenseTerms:
        """Return the terms of an issued license for another period."""
        extension, build = license_.extension, license_.max_build_date
        return cls(
            licensee=license_.name,
            through=through,
            grace_days=(license_.term - license_.exp) // DAY_S,
            kind=license_.kind,
            capacity=license_.capacity,
            features=license_.features,
            post=license_.post,
            warn_days=license_.warn_days,
            extension_codes=extension.count if extension else 0,
            extension_days=extension.days if extension else EXTENSION_DAYS,
            report=license_.report,
            max_build_date=None if build is None else _day(build),
            keyset_version=license_.keyset_version,
            parent=license_.parent,
            superseded=license_.superseded,
        )

    @property
    def customer_id(self) -> bytes:
        """The 8 bytes that stand for the customer."""
        name = (self.customer or self.licensee).encode()
        return hashlib.sha256(b"anx-customer\0" + name).digest()[:8]

    def license(self, *, lid: bytes, seq: int, now: int) -> License:
        """Return the license that these terms make, bound to nothing yet.

        Args:
            lid: 16 bytes, the lineage.
            seq: its number in the lineage.
            now: seconds UTC, becomes ``iat``, and ``nbf`` unless a day is given.
        """
        exp = exp_of(self.through)
        nbf = now if self.not_before is None else start_of(self.not_before)
        build = self.max_build_date
        return License(
            lid=lid,
            seq=seq,
            customer=self.customer_id,
            name=self.licensee,
            kind=self.kind,
            iat=now,
            nbf=nbf,
            exp=exp,
            term=term_of(exp, self.grace_days),
            features=self.features,
            capacity=self.capacity,
            warn_days=self._warn_days(exp - nbf),
            post=self.post,
            report=self.report,
            max_build_date=None if build is None else start_of(build) + DAY_S - 1,
            keyset_version=self.keyset_version,
            parent=self.parent,
            superseded=self.superseded,
        )

    def _warn_days(self, valid_s: int) -> tuple[int, ...]:
        """Return the days given, or the usual ones in the second half at most."""
        if self.warn_days is not None:
            return self.warn_days
        return tuple(days for days in WARN_DAYS if days * DAY_S * 2 <= valid_s)


def next_through(license_: License, *, now: int) -> date:
    """Return the last day of a renewal for as long as before.

    It goes on from the old last day, or from today where that has passed. A year ends
    on the same day of the calendar again, 29 February on the 28th.
    """
    last = valid_through(license_.exp)
    start = max(last, _day(now))
    days = (last - _day(license_.nbf)).days
    if days not in _YEAR_DAYS:
        return start + timedelta(days=days)
    if (start.month, start.day) == (2, 29):
        start -= timedelta(days=1)
    return start.replace(year=start.year + 1)


def _day(seconds: int) -> date:
    """Return the day of a time, UTC."""
    return datetime.fromtimestamp(seconds, UTC).date()
