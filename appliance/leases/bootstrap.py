"""A service's own look at the license, for a start without the license container.

Containers start in any order, and one of them may not come up at all. A service that
has never had an answer verifies the license itself, from the public part of the
site's license folder, and works by it for an hour with its part of the limits. No
secret is in that folder; what is not genuine, not of this installation, over or
revoked permits nothing. The wall clock is believed here, above the newest date that
anything signed in the folder proves: there is no memory of a clock to ask.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.leases.permission import Basis, Permission, describe
from appliance.license_files import read_small
from offline_license.addons import entitlements
from offline_license.armor import Label, unarmor
from offline_license.choice import choose
from offline_license.clock import EffectiveTime
from offline_license.decide import decide
from offline_license.errors import LicenseError
from offline_license.keys import check_public_key
from offline_license.keyset import Keyset, verify_keyset
from offline_license.license import (
    VerifiedLicense,
    check_install_key,
    verify_license,
)
from offline_license.revocation import (
    NOTHING_REVOKED,
    Revocations,
    verify_revocations,
)
from offline_license.standing import Standing
from offline_license.states import Permit, State
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from pathlib import Path

    from offline_license.anchor import LicenseAnchor

__all__ = ["PublicFolder", "bootstrap"]

_MAX_LICENSES = 32


@dataclass(frozen=True, slots=True)
class PublicFolder:
    """The public part of a site's license folder, as mounted into every service."""

    path: Path

    def install_key(self) -> bytes | None:
        """Return the public install key of the site; None where it cannot be had."""
        with contextlib.suppress(OSError, LicenseError):
            return check_public_key(read_small(self.path / "install.pub"))
        return None

    def keyset(self, anchor: LicenseAnchor) -> Keyset:
        """Return the key set.

        Raises:
            LicenseError: it is not genuine.
            OSError: it is not there.
        """
        return verify_keyset(read_small(self.path / "keyset.cbor"), anchor)

    def licenses(self, keyset: Keyset) -> tuple[VerifiedLicense, ...]:
        """Return the genuine licenses of this installation; others count as absent."""
        found = []
        install_key = self.install_key()
        for path in sorted(self.path.glob("*.alic"))[:_MAX_LICENSES]:
            with contextlib.suppress(OSError, LicenseError):
                data = unarmor(read_small(path), Label.LICENSE)
                verified = verify_license(data, keyset)
                check_install_key(verified.license, install_key)
                found.append(verified)
        return tuple(found)

    def revocations(self, keyset: Keyset) -> Revocations:
        """Return the revocation list; one that is not genuine revokes nothing."""
        with contextlib.suppress(OSError, LicenseError):
            data = read_small(self.path / "revocations.cbor")
            return verify_revocations(data, keyset)
        return NOTHING_REVOKED


def bootstrap(
    folder: PublicFolder, anchor: LicenseAnchor, *, wall_s: int, replicas: int
) -> Permission | None:
    """Return what the license in the folder permits one of ``replicas`` services.

    None where it permits no full service: it is over, revoked, of another
    installation, not genuine, for later, or not there. The overdraft is left out.
    """
    try:
        keyset = folder.keyset(anchor)
    except (OSError, LicenseError):
        return None
    licenses, revocations = folder.licenses(keyset), folder.revocations(keyset)
    issued = [one.license.iat for one in licenses]
    floor_s = max([keyset.manifest.iat, revocations.iat, *issued])
    at = EffectiveTime(wall_s, floor_s)
    active = choose(licenses, at.at, revocations)
    if active is None:
        return None
    terms = active.license
    decision = decide(
        active,
        at=at,
        previous=_long_known(terms.lid, terms.seq),
        revoked_at=revocations.revoked_at(terms),
    )
    if decision.service.batch is not Permit.LICENSED:
        return None
    given = entitlements(licenses, terms, at=at, revocations=revocations)
    limit = given.capacity.streams
    return Permission(
        allowed=True,
        state=decision.state,
        max_jobs=None,
        max_streams=None if limit is None else limit // replicas,
        detail=describe(terms),
        basis=Basis.BOOTSTRAP,
    )


def _long_known(lid: bytes, seq: int) -> Standing:
    """Return a standing without the allowance of a machine from the shelf.

    Only the license container can count the hours of that allowance.
    """
    return Standing(lid, seq, State.PENDING, banner_s=TOLERANCES.banner_s)
