"""Let TUF verify metadata in a scratch folder, and keep what it has accepted."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Targets
from tuf.ngclient.fetcher import FetcherInterface

from bundles.errors import MetadataError
from bundles.release import RELEASE_LIMIT_BYTES
from bundles.trust.anchor import TrustAnchor
from bundles.trust.catalog import Catalog, ListedRelease, release_target
from bundles.trust.client import TrustClient
from bundles.trust.fetcher import METADATA_URL, TARGET_URL
from bundles.trust.roles import KEYSET_TARGET, REVOCATIONS_TARGET, licensing_files
from bundles.trust.state import TrustState, files_from, files_to
from bundles.trust.update import TrustUpdate

__all__ = ["Choose", "VerifiedMetadata", "read_catalog", "verify_metadata"]

_LICENSING_LIMIT_BYTES: Final = 64 * 1024
Choose = Callable[[Catalog], ListedRelease | None]


@dataclass(frozen=True, slots=True)
class VerifiedMetadata:
    """Metadata that TUF accepted, and the small targets that it signs.

    ``files`` are named as ``bundles.trust.state`` keeps them; ``release_json`` is empty
    where no release was chosen.
    """

    files: Mapping[str, bytes] = field(repr=False)
    catalog: Catalog
    listed: ListedRelease | None
    release_json: bytes = field(repr=False)
    keyset: bytes = field(repr=False)
    revocations: bytes | None = field(repr=False)

    @property
    def as_update(self) -> TrustUpdate:
        """The same statements as one file, to vouch for other media."""
        licensing = {KEYSET_TARGET: self.keyset}
        if self.revocations is not None:
            licensing[REVOCATIONS_TARGET] = self.revocations
        return TrustUpdate.of_verified(self.files, licensing_files(licensing))


def verify_metadata(
    fetcher: FetcherInterface, anchor: TrustAnchor, state: TrustState, choose: Choose
) -> VerifiedMetadata:
    """Walk from the anchor to the targets that ``fetcher`` serves.

    Args:
        fetcher: serves the metadata and, where it has them, the targets.
        anchor: whom this host believes.
        state: what this host remembers; nothing older is accepted.
        choose: picks the release to read from the verified catalog.

    Raises:
        tuf.api.exceptions.RepositoryError: metadata is refused.
        tuf.api.exceptions.DownloadError: metadata cannot be fetched.
        MetadataError: it is signed, but lacks what a release needs.
    """
    with tempfile.TemporaryDirectory(prefix="anechoic-trust-") as name:
        scratch = Path(name)
        files_to(scratch, state.files)
        client = TrustClient(
            state_dir=scratch,
            metadata_url=METADATA_URL,
            target_url=TARGET_URL,
            fetcher=fetcher,
            bootstrap=anchor.root,
        )
        client.refresh()
        catalog = read_catalog(files_from(scratch))
        listed = choose(catalog)
        release = _read(client, listed)
        keyset, revocations = (
            client.read_target(target, limit_bytes=_LICENSING_LIMIT_BYTES)
            for target in (KEYSET_TARGET, REVOCATIONS_TARGET)
        )
        if keyset is None:
            message = f"expected a signature for {KEYSET_TARGET}, found none"
            raise MetadataError(message)
        files = files_from(scratch)
    return VerifiedMetadata(files, catalog, listed, release, keyset, revocations)


def read_catalog(files: Mapping[str, bytes]) -> Catalog:
    """Return the catalog of verified metadata.

    Raises:
        MetadataError: it has none.
    """
    targets = Metadata[Targets].from_bytes(files["targets.json"]).signed
    return Catalog.read_from(targets)


def _read(client: TrustClient, listed: ListedRelease | None) -> bytes:
    if listed is None:
        return b""
    target = release_target(listed.release_seq)
    data = client.read_target(target, limit_bytes=RELEASE_LIMIT_BYTES)
    if data is None:  # the delegated role cannot sign releases
        raise RepositoryError(f"expected a signature for {target}, found none")
    return data
