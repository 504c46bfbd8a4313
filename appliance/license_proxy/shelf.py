"""The licenses of a site: what was accepted before, and what its files add.

Each object stands here once, whatever the name of its file. A few of each lineage are
kept, so that a renewal for later waits beside the one in force.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING

from offline_license.dates import valid_through
from offline_license.errors import (
    LicenseError,
    NotForThisInstallError,
    SupersededError,
)
from offline_license.license import VerifiedLicense, check_install_key, verify_license

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.license_proxy.site import Accepted
    from offline_license.keyset import Keyset

__all__ = ["Shelf"]

_MOST = 32
_MOST_PER_LINEAGE = 3


class Shelf:
    """The acceptable licenses.

    Attributes:
        bereft: genuine, but bound to another install key than the one here, by digest.
    """

    def __init__(self, keyset: Keyset, public: bytes | None, before: Accepted) -> None:
        """Take what was accepted before, as far as it is still genuine and ours.

        Args:
            keyset: in force.
            public: of the install key; None without one.
            before: what was accepted earlier.
        """
        self._keyset = keyset
        self._public = public
        self._before = before
        self._found: dict[bytes, VerifiedLicense] = {}
        self.bereft: dict[bytes, VerifiedLicense] = {}
        for data in before.licenses:
            with contextlib.suppress(LicenseError):
                kept = self._accept(data)
                self._found[kept.digest] = kept
        self._newest = {one.license.lid: one for one in _in_order(self._found.values())}

    def put(self, data: bytes) -> None:
        """Add a license.

        Raises:
            LicenseError: it is not acceptable; the others stay.
        """
        verified = self._accept(data)
        if verified.digest not in self._found:
            self._check_not_superseded(verified)
            self._found[verified.digest] = verified

    def licenses(self) -> tuple[VerifiedLicense, ...]:
        """Return the newest few of each lineage, by sequence."""
        kept: list[VerifiedLicense] = []
        seen: Counter[bytes] = Counter()
        for one in reversed(_in_order(self._found.values())):
            seen[one.license.lid] += 1
            if seen[one.license.lid] <= _MOST_PER_LINEAGE:
                kept.append(one)
        return tuple(reversed(kept[:_MOST]))

    def _accept(self, data: bytes) -> VerifiedLicense:
        verified = verify_license(data, self._keyset)
        try:
            check_install_key(verified.license, self._public)
        except NotForThisInstallError:
            self.bereft[verified.digest] = verified
            raise
        return verified

    def _check_not_superseded(self, verified: VerifiedLicense) -> None:
        """Refuse a file that is older than what this site had already accepted.

        Where the memory was lost, the ledger knows the highest sequence; what it knows
        to have been in force here may be in force again.
        """
        license_ = verified.license
        through = valid_through(license_.exp)
        newest = self._newest.get(license_.lid)
        if newest is not None and license_.seq <= newest.license.seq:
            raise SupersededError(
                f"license {license_.serial}, valid through {through}: "
                f"expected a newer one than {newest.license.serial}, valid through "
                f"{valid_through(newest.license.exp)}"
            )
        highest = self._before.highest.get(license_.lid, 0)
        if license_.seq < highest and verified.digest not in self._before.digests:
            raise SupersededError(
                f"license {license_.serial}, valid through {through}: "
                f"expected sequence {highest} or a newer one, as the ledger says"
            )


def _in_order(licenses: Iterable[VerifiedLicense]) -> list[VerifiedLicense]:
    return sorted(licenses, key=lambda one: one.license.seq)
