"""Releases and trust updates share one register; images are those of the tests."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.images.build import ReleaseImages
from appliance.vendor.keys import KeyFolder, init_keys
from appliance.vendor.release import ReleaseOrder, build_release
from appliance.vendor.trust_updates import UpdateOrder, issue_update
from bundles.build import MediumSummary
from bundles.documents import ProgramSource
from bundles.errors import BuildError, RevokedError
from bundles.medium import VerifiedMedium, open_medium, pin_trust, verify_payload
from bundles.trust.anchor import TrustAnchor
from bundles.trust.update import TrustUpdate
from bundles.updates import open_update, pin_update, remembered
from tests.support.media import MediumFactory

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PASSPHRASE = b"six random words in a row"


@dataclass
class Vendor:
    """Builds releases from the same images each time."""

    root: Path
    keys: KeyFolder

    def build(self, sequence: int, folder: str = "") -> MediumSummary:
        order = ReleaseOrder(
            version=f"1.{sequence}.0",
            sequence=sequence,
            model=self.root / "model",
            output=self.root / (folder or f"medium-{sequence}"),
            cache=self.root / "cache",
            created=NOW + timedelta(minutes=sequence),
            expires=NOW + timedelta(days=400),
        )
        built = build_release(
            order,
            self.keys,
            PASSPHRASE,
            say=lambda _: None,
            on_progress=lambda *_: None,
        )
        return replace(built, path=order.output)

    def update(self, order: UpdateOrder) -> None:
        """Issue an update and apply it to the host."""
        data = issue_update(self.keys, PASSPHRASE, order).data
        update = TrustUpdate.from_json(data)
        host = self.root / "tuf"
        opened = open_update(
            update, anchor=self.anchor, now=NOW + timedelta(days=1), trust_dir=host
        )
        pin_update(opened, host)

    @property
    def anchor(self) -> TrustAnchor:
        return TrustAnchor.read(self.keys.anchor)

    def open(self, medium: MediumSummary, days: int = 1) -> VerifiedMedium:
        return open_medium(
            medium.path,
            anchor=self.anchor,
            now=NOW + timedelta(days=days),
            trust_dir=self.root / "tuf",
        )


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    init_keys(tmp_path / "keys", PASSPHRASE, now=NOW)
    factory = MediumFactory(tmp_path / "factory")
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (tmp_path / "model").mkdir(exist_ok=True)
        (tmp_path / "model" / name).write_bytes(name.encode())
    (tmp_path / "program").mkdir()
    (tmp_path / "program/anechoic").write_bytes(b"program")
    (tmp_path / "cache").mkdir()
    factory.image("api")
    factory.layout.rename(tmp_path / "cache/oci")
    built = replace(factory, root=tmp_path / "other").image("api")
    monkeypatch.setattr(
        "appliance.vendor.release.build_images",
        lambda *_, **__: ReleaseImages((built,), {}),
    )
    monkeypatch.setattr(
        "appliance.vendor.release.operator_program",
        lambda _: ProgramSource(tmp_path / "program", "2.36"),
    )
    return Vendor(tmp_path, KeyFolder(tmp_path / "keys"))


def test_a_revoked_release_is_refused_on_site_and_the_next_one_taken(
    vendor: Vendor,
) -> None:
    bad, good = vendor.build(1), vendor.build(2)
    vendor.update(UpdateOrder(NOW, revoke=(1,)))

    with pytest.raises(RevokedError, match=r"release 1\.1\.0"):
        vendor.open(bad)
    assert verify_payload(vendor.open(good)) == ()


def test_a_date_is_extended_for_media_on_site(vendor: Vendor) -> None:
    medium = vendor.build(1)
    vendor.update(UpdateOrder(NOW, install_by=NOW + timedelta(days=900)))

    assert vendor.open(medium, days=800).install_by == NOW + timedelta(days=900)


def test_a_medium_built_after_an_update_is_newer_and_names_what_was_revoked(
    vendor: Vendor,
) -> None:
    vendor.build(1)
    vendor.update(UpdateOrder(NOW, revoke=(1,)))

    newer = vendor.open(vendor.build(2))
    pin_trust(newer, vendor.root / "tuf")

    known = remembered(vendor.anchor, vendor.root / "tuf")
    assert newer.own_metadata
    assert known is not None
    assert known.version == 3
    assert [one.release_seq for one in known.catalog.revoked] == [1]


def test_a_revoked_sequence_is_not_built_again(vendor: Vendor) -> None:
    vendor.build(1)
    vendor.update(UpdateOrder(NOW, revoke=(1,)))

    with pytest.raises(BuildError, match="was revoked"):
        vendor.build(1, "again")


def test_the_same_order_gives_the_same_medium_after_updates(vendor: Vendor) -> None:
    vendor.build(1)
    first = vendor.build(2)
    vendor.update(UpdateOrder(NOW, revoke=(1,)))
    vendor.build(3)

    assert vendor.build(2, "again").digest == first.digest
