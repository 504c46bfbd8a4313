"""The list of releases in signed metadata is strict, also under a good signature."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import TargetFile, Targets

from bundles.build import listed_release
from bundles.errors import MetadataError, ReleaseError, TrustUpdateError
from bundles.medium import open_medium, verify_payload
from bundles.trust.catalog import Catalog, ListedRelease, Revocation
from bundles.trust.fetcher import UpdateFetcher
from bundles.trust.roles import KEYSET_TARGET
from bundles.trust.state import TrustState
from bundles.trust.update import TrustUpdate
from bundles.trust.verified import verify_metadata
from bundles.updates import make_update, open_update, pin_update
from tests.support.media import MediumFactory
from tests.support.trust_updates import UpdateDesk

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = ListedRelease(2, "1.2.0", "2" * 64, 100, NOW)
BAD = Revocation(1, "1.1.0", "1" * 64, NOW, 3)
CATALOG = Catalog(NOW, (GOOD,), (BAD,))
FIELD = "x-anechoic-catalog"


def _targets(catalog: Catalog = CATALOG) -> Targets:
    targets = Targets(version=1, expires=NOW)
    catalog.write_to(targets)
    return targets


def test_a_catalog_reads_back_as_it_was_written() -> None:
    assert Catalog.read_from(_targets()) == CATALOG


def test_a_release_is_found_by_its_number() -> None:
    assert CATALOG.release(2) == GOOD
    assert CATALOG.revocation_of(1) == BAD
    assert CATALOG.revocation_of(2) is None


@pytest.mark.parametrize(
    "field",
    [
        None,
        {},
        {"created": "2026-11-22", "revoked": []},
        {"created": "2026-11-22T00:00:00Z", "revoked": "all"},
        {"created": "2026-11-22T00:00:00Z", "revoked": [{"release_seq": 1}]},
    ],
)
def test_a_list_of_another_form_is_refused(field: Any) -> None:  # noqa: ANN401
    targets = _targets()
    targets.unrecognized_fields[FIELD] = field

    with pytest.raises(MetadataError, match="expected a list of releases"):
        Catalog.read_from(targets)


@pytest.mark.parametrize(
    "change",
    [
        {"release_seq": True},
        {"version": "3"},
        {"sha256": "short"},
        {"product_version": "a\nb"},
        {"product_version": ""},
        {"since": "yesterday"},
        {"sha256": GOOD.sha256},
    ],
)
def test_a_contradictory_revocation_is_refused(change: dict[str, Any]) -> None:
    targets = _targets()
    targets.unrecognized_fields[FIELD]["revoked"][0] |= change

    with pytest.raises(MetadataError):
        Catalog.read_from(targets)


@pytest.mark.parametrize("name", ["release.json", "0.release.json", "x/1.release.json"])
def test_a_target_that_is_no_release_is_refused(name: str) -> None:
    targets = _targets()
    targets.targets[name] = TargetFile(1, {"sha256": "0" * 64}, name)

    with pytest.raises(MetadataError):
        Catalog.read_from(targets)


def test_a_release_under_the_number_of_another_is_refused(
    factory: MediumFactory, tmp_path: Path
) -> None:
    built = factory.build()
    listed = replace(listed_release(built.release, factory.now), release_seq=9)
    update = _update(factory, Catalog(factory.created, (listed,)))
    now = factory.created
    pin_update(open_update(update, anchor=factory.anchor, now=now), tmp_path / "tuf")
    signed = next((built.path / "release").glob("*.release.json"))
    signed.rename(signed.with_name(listed.file))

    with pytest.raises(ReleaseError, match="found number 1, signed as another"):
        open_medium(
            built.path, anchor=factory.anchor, now=now, trust_dir=tmp_path / "tuf"
        )


def test_metadata_without_a_keyset_is_refused(factory: MediumFactory) -> None:
    update = make_update(Catalog(factory.created), {}, keys=factory.keys, version=1)

    with pytest.raises(MetadataError, match="keyset"):
        open_update(update, anchor=factory.anchor, now=factory.now)


def test_a_release_that_nobody_signed_is_not_read(factory: MediumFactory) -> None:
    files = _update(factory, Catalog(factory.created)).files()

    with pytest.raises(RepositoryError, match=r"signature for 2\.release\.json"):
        verify_metadata(
            UpdateFetcher(files), factory.anchor, TrustState(), lambda _: GOOD
        )


@pytest.mark.parametrize("path", ["3.root.json", "timestamp.json"])
def test_more_files_than_any_update_has_are_refused(path: str) -> None:
    metadata = {f"{number}.{path}": b"{}" for number in range(1, 302)}

    with pytest.raises(TrustUpdateError):
        TrustUpdate.from_json(TrustUpdate(metadata, {}).to_json())


def test_a_file_with_an_odd_name_beside_unused_metadata_is_an_error(
    factory: MediumFactory, tmp_path: Path
) -> None:
    built = factory.build()
    update = UpdateDesk(factory).update(7, [built])
    host = tmp_path / "tuf"
    pin_update(open_update(update, anchor=factory.anchor, now=factory.now), host)
    (built.path / "tuf/odd\nname").write_bytes(b"")

    medium = open_medium(
        built.path, anchor=factory.anchor, now=factory.now, trust_dir=host
    )

    assert [p.code for p in verify_payload(medium)] == ["ANX-MED-14"]


def _update(factory: MediumFactory, catalog: Catalog) -> TrustUpdate:
    licensing = {KEYSET_TARGET: factory.keyset}
    return make_update(catalog, licensing, keys=factory.keys, version=9)
