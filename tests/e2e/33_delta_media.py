"""A delta medium on the real engine of this machine: small, fast, and refused in time."""

import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from appliance.engines.docker import DockerEngine
from appliance.specs import VERSION_LABEL
from bundles.build import MediumSummary
from bundles.build_delta import DeltaBasis
from bundles.errors import DeltaBaseError
from bundles.oci import BuiltImage, ImageConfig, MemoryLayer
from installer.engine.media import ReleaseMedia, ReleaseMedium
from installer.engine.passport import passport_of
from installer.engine.site import Site
from tests.support.deltas import DeltaVendor
from tests.support.fake_site import FakeSite
from tests.support.media import MediumFactory

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]

BASE_MIB = 64
MIB = 1 << 20


@dataclass(frozen=True)
class Load:
    """What one load took."""

    seconds: float
    read_bytes: int


@dataclass
class Yard:
    """A vendor, and a site on the real engine without an installation."""

    vendor: DeltaVendor
    site: Site
    name: str
    built: list[BuiltImage] = field(default_factory=list)

    def full(self, number: int) -> MediumSummary:
        """Build a release: two layers that never change, and the application."""
        noise = random.Random(self.name)
        image = self.vendor.factory.image(
            self.name,
            MemoryLayer({"base": noise.randbytes(BASE_MIB * MIB)}, "base"),
            MemoryLayer({"site": noise.randbytes(MIB)}, "wheels"),
            MemoryLayer({"app": f"{self.name} {number}".encode() * 999}, "application"),
            config=ImageConfig(labels={VERSION_LABEL: f"{number}.0.0"}),
        )
        self.built.append(image)
        return self.vendor.factory.build(
            f"full-{number}", release_seq=number, version=f"{number}.0.0",
            images=(image,), models=(),
        )  # fmt: skip

    def delta(self, full: MediumSummary) -> MediumSummary:
        """Build what this site needs, by its passport."""
        passport = passport_of(self.site).to_json()
        return self.vendor.delta(full, DeltaBasis.of_passport(passport))

    def open(self, medium: MediumSummary) -> ReleaseMedium:
        media = self.site.media
        assert isinstance(media, ReleaseMedia)
        return media.open(medium.path, self.vendor.factory.root / "anchor.json")

    def load(self, medium: MediumSummary) -> Load:
        """Do what `anechoic bundle load` does with the image."""
        process = psutil.Process()
        before, began = process.io_counters().read_chars, time.perf_counter()
        opened = self.open(medium)
        opened.require_base(self.site.engine)
        assert opened.check() == ()
        image = opened.summary.images[0]
        opened.load_image(image, self.site.engine, lambda *_: None)
        assert self.site.engine.image_layers(image.image_id) is not None
        seconds = time.perf_counter() - began
        return Load(seconds, process.io_counters().read_chars - before)

    def prune(self) -> None:
        for image in self.built:
            self.site.engine.remove_image(image.config_digest)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    factory, fake = MediumFactory(tmp_path / "vendor"), FakeSite(tmp_path)
    (factory.root / "anchor.json").write_bytes(factory.anchor.to_json())
    engine, site = DockerEngine(), fake.site()
    media = ReleaseMedia(site.paths, lambda: factory.now, lambda: None)
    yard = Yard(
        DeltaVendor(factory),
        replace(site, engine=engine, media=media),
        f"t{uuid.uuid4().hex[:12]}",
    )
    yield yard
    yard.prune()
    engine.close()


def test_a_new_application_needs_a_twentieth_of_medium_and_time(yard: Yard) -> None:
    one, two = yard.full(1), yard.full(2)
    whole = yard.load(one)

    delta = yard.delta(two)
    upgrade = yard.load(delta)

    ratio = delta.size_bytes / two.size_bytes
    print(
        f"\nmedium {delta.size_bytes} of {two.size_bytes} bytes ({ratio:.4f}); read "
        f"{upgrade.read_bytes} of {whole.read_bytes} bytes; {upgrade.seconds:.2f} s "
        f"of {whole.seconds:.2f} s ({upgrade.seconds / whole.seconds:.3f})"
    )
    assert ratio < 0.05
    assert upgrade.read_bytes < 0.05 * whole.read_bytes
    layers = yard.site.engine.image_layers(yard.built[1].config_digest)
    assert layers == two.release.images[0].diff_ids


def test_a_pruned_host_is_refused_by_name_and_saved_by_the_full_medium(
    yard: Yard,
) -> None:
    one, two = yard.full(1), yard.full(2)
    yard.load(one)
    delta = yard.delta(two)
    yard.prune()

    with pytest.raises(DeltaBaseError) as refused:
        yard.load(delta)

    assert f"layer 1 of the image {yard.name}" in refused.value.evidence
    assert f"layer 2 of the image {yard.name}" in refused.value.evidence
    assert yard.site.engine.image_layers(yard.built[1].config_digest) is None
    yard.load(two)
    yard.load(delta)


def test_layers_pruned_between_plan_and_load_are_found_before_anything_is_fed(
    yard: Yard,
) -> None:
    one, two = yard.full(1), yard.full(2)
    yard.load(one)
    opened = yard.open(yard.delta(two))
    assert opened.plan(yard.site.engine).images[0].missing_layers == 1
    yard.prune()

    with pytest.raises(DeltaBaseError, match="layer 1"):
        opened.load_image(opened.summary.images[0], yard.site.engine, lambda *_: None)

    known = {layer for chain in yard.site.engine.known_layers() for layer in chain}
    assert known.isdisjoint(two.release.images[0].diff_ids)
