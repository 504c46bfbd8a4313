"""Delta media on a host: refused before anything changes, or loaded with what is here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typing_extensions import override

from appliance.engines.errors import EngineUnreachableError
from bundles.build import MediumSummary
from bundles.build_delta import DeltaBasis
from bundles.errors import DeltaBaseError
from installer.engine.media import ReleaseMedia, ReleaseMedium
from installer.engine.operations import Operations
from installer.engine.passport import passport_of
from installer.engine.site import Site
from installer.protocol import OperationRequest
from tests.support.deltas import WEIGHTS, DeltaVendor
from tests.support.fake_engine import FakeEngine
from tests.support.fake_site import FakeSite
from tests.support.media import MediumFactory


@dataclass
class CountingEngine(FakeEngine):
    """Counts the archives that are fed."""

    fed: int = 0

    @override
    def load(self, archive: Iterable[bytes]) -> None:
        assert sum(len(chunk) for chunk in archive)
        self.fed += 1


@dataclass
class Host:
    """A host of which release 1 was installed, and media of the vendor."""

    site: Site
    engine: CountingEngine
    vendor: DeltaVendor
    one: MediumSummary
    two: MediumSummary
    delta: MediumSummary

    def open(self, medium: MediumSummary) -> ReleaseMedium:
        media = self.site.media
        assert isinstance(media, ReleaseMedia)
        return media.open(medium.path, self.vendor.factory.root / "anchor.json")

    def load_first(self) -> None:
        """Have the images and the model of release 1."""
        image = self.one.release.image("api")
        self.engine.images[image.config_digest] = image.diff_ids
        medium = self.open(self.one)
        target = self.model_folder(medium)
        medium.copy_model(medium.summary.models[0], target, lambda *_: None)

    def model_folder(self, medium: ReleaseMedium) -> Path:
        name = medium.model_folder(medium.summary.models[0])
        return self.site.paths.models / name

    def request(self, kind: str, medium: MediumSummary) -> OperationRequest:
        anchor = self.vendor.factory.root / "anchor.json"
        settings = {"medium": str(medium.path), "trust": str(anchor)}
        body = {"kind": kind, "settings": settings}
        return OperationRequest.model_validate(body)


@pytest.fixture
def host(fake: FakeSite, tmp_path: Path) -> Host:
    vendor = DeltaVendor(MediumFactory(tmp_path / "vendor"))
    one, two, delta = vendor.upgrade()
    factory = vendor.factory
    (factory.root / "anchor.json").write_bytes(factory.anchor.to_json())
    paths, engine = fake.site().paths, CountingEngine()
    media = ReleaseMedia(paths, lambda: factory.now, lambda: None)
    site = replace(fake.site(), engine=engine, media=media)
    return Host(site, engine, vendor, one, two, delta)


def test_a_host_with_the_older_release_takes_the_delta(host: Host) -> None:
    host.load_first()
    medium = host.open(host.delta)

    medium.require_base(host.engine)
    detail = medium.load_image(medium.summary.images[0], host.engine, lambda *_: None)

    assert (detail, host.engine.fed) == ("1 of 2 layers loaded", 1)


def test_the_model_is_completed_from_the_one_that_is_here(host: Host) -> None:
    host.load_first()
    medium = host.open(host.delta)
    target = host.model_folder(medium)

    medium.copy_model(medium.summary.models[0], target, lambda *_: None)

    assert (target / "model.bin").read_bytes() == WEIGHTS
    assert (target / "config.json").read_bytes() == b"words of release 2"


def test_an_empty_host_is_told_all_that_it_lacks(host: Host) -> None:
    with pytest.raises(DeltaBaseError) as refused:
        host.open(host.delta).require_base(host.engine)

    for words in ("layer 1 of the image api", "model.bin of the model demo"):
        assert words in refused.value.evidence
    assert "full medium" in refused.value.remedy


@pytest.mark.parametrize("kind", ["load", "install"])
def test_nothing_is_begun_where_the_base_is_missing(host: Host, kind: str) -> None:
    operations = Operations(host.site)

    with pytest.raises(DeltaBaseError):
        operations.start(host.request(kind, host.delta))

    assert operations.current() is None
    assert host.engine.fed == 0
    assert not host.site.paths.tuf.exists()


def test_the_plan_of_an_install_shows_what_is_missing(host: Host) -> None:
    settings = host.request("install", host.delta).settings
    assert settings is not None

    findings = Operations(host.site).plan(settings).findings

    assert "ANX-MED-35" in {finding.code for finding in findings}


def test_an_image_pruned_after_the_plan_is_found_and_the_full_medium_helps(
    host: Host,
) -> None:
    host.load_first()
    medium = host.open(host.delta)
    medium.require_base(host.engine)
    host.engine.images.clear()

    with pytest.raises(DeltaBaseError, match="layer 1 of the image api"):
        medium.load_image(medium.summary.images[0], host.engine, lambda *_: None)
    assert host.engine.fed == 0

    full = host.open(host.two)
    full.load_image(full.summary.images[0], host.engine, lambda *_: None)
    assert host.engine.fed == 2


def test_a_changed_file_of_the_old_model_counts_as_missing(host: Host) -> None:
    host.load_first()
    weights = host.model_folder(host.open(host.one)) / "model.bin"
    weights.write_bytes(b"weighty " * 4096)

    with pytest.raises(DeltaBaseError, match=r"model\.bin of the model demo"):
        host.open(host.delta).require_base(host.engine)


def test_the_plan_counts_what_comes_from_the_host_as_not_read(host: Host) -> None:
    host.load_first()

    delta, full = (host.open(one).plan(host.engine) for one in (host.delta, host.two))

    assert full.read_bytes - delta.read_bytes == len(WEIGHTS)
    assert delta.store_bytes == full.store_bytes
    assert delta.delta_for == "release 1.0.0 (number 1)"
    assert full.delta_for is None


def test_without_an_engine_preflight_has_the_word(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead() -> None:
        raise EngineUnreachableError("nobody answers")

    monkeypatch.setattr(host.engine, "known_layers", dead)

    host.open(host.delta).require_base(host.engine)


def test_the_passport_of_a_host_gives_a_delta_that_fits_it(host: Host) -> None:
    host.load_first()
    passport = passport_of(host.site)
    basis = DeltaBasis.of_passport(passport.to_json())

    made = host.vendor.delta(host.two, basis, "for-this-host")

    medium = host.open(made)
    medium.require_base(host.engine)
    assert medium.medium.delta is not None
    assert len(medium.medium.delta.delta.left_out) == 2


def test_a_passport_holds_digests_and_no_name_of_the_host(host: Host) -> None:
    host.load_first()

    value = passport_of(host.site).model_dump(mode="json")

    assert sorted(value) == [
        "chains", "engine", "format", "kind", "model_files", "product", "release",
        "written",
    ]  # fmt: skip
    assert value["engine"] == {
        "name": "docker", "version": "20.10.24", "store": "overlay2",
    }  # fmt: skip
    assert value["release"] is None
    assert str(host.site.paths.root) not in str(value)


def test_the_passport_of_an_empty_host_has_nothing(host: Host) -> None:
    passport = passport_of(host.site)

    assert (passport.release, passport.chains, passport.model_files) == (None, (), ())


def test_a_half_copied_model_is_not_in_the_passport(host: Host) -> None:
    partial = host.site.paths.models / ".new.partial"
    partial.mkdir(parents=True)
    (partial / "model.bin").write_bytes(WEIGHTS)

    assert passport_of(host.site).model_files == ()
