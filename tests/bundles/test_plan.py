import pytest

from bundles.medium import VerifiedMedium, open_medium
from bundles.oci import MemoryLayer
from bundles.plan import plan_load
from bundles.release import Release
from tests.support.media import MediumFactory

BASE = MemoryLayer({"base": b"b" * 10_000}, "base")
SITE = MemoryLayer({"site": b"s" * 50_000}, "site")


@pytest.fixture
def release(factory: MediumFactory) -> Release:
    """Two images on one base."""
    images = (
        factory.image("api", BASE, MemoryLayer({"api": b"a"}, "api")),
        factory.image("asr", BASE, SITE, MemoryLayer({"asr": b"r"}, "asr")),
    )
    built = factory.build(images=images)
    return open_medium(built.path, anchor=factory.anchor, now=factory.now).release


def test_a_bare_host_needs_every_layer_once(release: Release) -> None:
    plan = plan_load(release, [])

    layers = {layer for image in release.images for layer in image.layers}
    assert [image.present for image in plan.images] == [0, 1]
    assert plan.engine_bytes == sum(layer.uncompressed_bytes for layer in layers)
    assert plan.model_bytes == release.models[0].size_bytes
    assert plan.medium_bytes == sum(x.size_bytes for x in layers) + plan.model_bytes


def test_temporary_space_is_the_largest_layer_to_load(release: Release) -> None:
    site = release.image("asr").layers[1]

    assert plan_load(release, []).temporary_bytes == site.uncompressed_bytes
    chains = [release.image("asr").diff_ids[:2]]
    assert plan_load(release, chains).temporary_bytes < site.uncompressed_bytes


def test_a_host_with_everything_needs_nothing(release: Release) -> None:
    chains = [image.diff_ids for image in release.images]

    plan = plan_load(release, chains, [release.models[0].digest])

    assert (plan.medium_bytes, plan.engine_bytes, plan.temporary_bytes) == (0, 0, 0)
    assert plan.models == ()


def test_the_plan_of_an_upgrade_is_its_changed_layer(
    opened: VerifiedMedium,
) -> None:
    image = opened.release.images[0]

    plan = plan_load(opened.release, [(image.diff_ids[0], "sha256:old")])

    assert [one.present for one in plan.images] == [1]
    assert plan.images[0].medium_bytes == image.layers[1].size_bytes
