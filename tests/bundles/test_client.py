from pathlib import Path

import pytest
from tuf.api.exceptions import RepositoryError

from bundles.trust.client import TrustClient
from bundles.trust.fetcher import METADATA_URL, TARGET_URL, DirectoryFetcher
from tests.support.media import MediumFactory


@pytest.fixture
def client(vendor: MediumFactory, medium_dir: Path, tmp_path: Path) -> TrustClient:
    return TrustClient(
        state_dir=tmp_path / "state",
        metadata_url=METADATA_URL,
        target_url=TARGET_URL,
        fetcher=DirectoryFetcher(medium_dir),
        bootstrap=vendor.keys.newest_root,
    )


def test_a_target_becomes_a_file_with_a_quoted_name(
    client: TrustClient, vendor: MediumFactory, tmp_path: Path
) -> None:
    path = client.download_target("licensing/keyset.cbor", tmp_path)

    assert path.name == "licensing%2Fkeyset.cbor"
    assert path.read_bytes() == vendor.keyset


def test_a_target_that_is_there_is_not_fetched_again(
    client: TrustClient, medium_dir: Path, tmp_path: Path
) -> None:
    client.download_target("1.release.json", tmp_path)
    next(medium_dir.glob("release/*.release.json")).unlink()

    assert client.download_target("1.release.json", tmp_path).is_file()


def test_a_target_that_nobody_signed_is_refused(
    client: TrustClient, tmp_path: Path
) -> None:
    assert client.read_target("other.json", limit_bytes=10) is None
    with pytest.raises(RepositoryError, match=r"other\.json"):
        client.download_target("other.json", tmp_path)
