"""Troubles that the library words for programmers, in words for operators."""

from pathlib import Path

import pytest
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    RepositoryError,
    UnsignedMetadataError,
)

from bundles.errors import (
    BundleError,
    ForeignVendorError,
    MetadataError,
    RollbackError,
)
from bundles.trust.state import TrustState
from bundles.trust.translate import translated
from tests.support.media import MediumFactory


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (RepositoryError("odd"), MetadataError),
        (DownloadError("odd"), MetadataError),
        (BadVersionNumberError("odd"), MetadataError),
    ],
)
def test_what_has_no_better_name_is_damaged_metadata(
    vendor: MediumFactory,
    medium_dir: Path,
    error: RepositoryError | DownloadError,
    refusal: type[BundleError],
) -> None:
    found = translated(error, medium_dir, vendor.anchor, TrustState())

    assert type(found) is refusal
    assert found.evidence == "odd"


def test_a_medium_without_its_root_counts_as_foreign(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    (medium_dir / "tuf/1.root.json").unlink()

    found = translated(
        UnsignedMetadataError("odd"), medium_dir, vendor.anchor, TrustState()
    )

    assert type(found) is ForeignVendorError


@pytest.mark.parametrize("known", [b"{}", b"junk"])
def test_a_version_that_cannot_be_compared_is_not_called_a_rollback(
    vendor: MediumFactory, medium_dir: Path, known: bytes
) -> None:
    state = TrustState({"timestamp.json": known})

    found = translated(BadVersionNumberError("odd"), medium_dir, vendor.anchor, state)

    assert not isinstance(found, RollbackError)
