"""Make really signed trust updates for tests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bundles.build import MediumSummary, listed_release
from bundles.keys import (
    ROOT_KEYS,
    ReleaseKeys,
    load_signers,
    rotate_online_keys,
)
from bundles.trust.catalog import Catalog, Revocation
from bundles.trust.roles import KEYSET_TARGET
from bundles.trust.update import TrustUpdate
from bundles.updates import make_update
from tests.support.media import FAR_AWAY, PASSPHRASE, MediumFactory

__all__ = ["UpdateDesk"]


@dataclass
class UpdateDesk:
    """Signs updates of the vendor of ``factory``."""

    factory: MediumFactory

    def update(
        self,
        version: int,
        good: Iterable[MediumSummary] = (),
        *,
        revoked: Iterable[MediumSummary] = (),
        install_by: datetime | None = None,
        keys: ReleaseKeys | None = None,
        created: datetime | None = None,
    ) -> TrustUpdate:
        """Sign an update that names these media."""
        made = created or self.factory.created
        until = install_by or self.factory.created + FAR_AWAY
        catalog = Catalog(
            made,
            tuple(listed_release(one.release, until) for one in good),
            tuple(_revocation(one, made, version) for one in revoked),
        )
        return make_update(
            catalog,
            {KEYSET_TARGET: self.factory.keyset},
            keys=keys or self.factory.keys,
            version=version,
        )

    def rotated(self, roots: Iterable[str] = ROOT_KEYS) -> ReleaseKeys:
        """Make new online keys, signed for by these root keys."""
        folder = self.factory.keys_dir
        return rotate_online_keys(
            folder,
            PASSPHRASE,
            root_signers=list(load_signers(folder, roots, PASSPHRASE).values()),
            expires=self.factory.created + 2 * FAR_AWAY + timedelta(days=1),
        )


def _revocation(medium: MediumSummary, since: datetime, version: int) -> Revocation:
    listed = listed_release(medium.release, since)
    return Revocation(
        listed.release_seq, listed.product_version, listed.sha256, since, version
    )
