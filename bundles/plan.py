"""Say what a load would bring and cost, before anything changes.

Images load in the order of the release, so a layer that one image brings is there for the
next image that stands on the same layers.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bundles.chains import present_layers
from bundles.delta import Delta
from bundles.release import Release, ReleaseImage, ReleaseModel, model_blob

__all__ = ["ImagePlan", "LoadPlan", "plan_load"]


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What one image needs: its layers from ``present`` on."""

    image: ReleaseImage
    present: int
    """How many layers, from the bottom, are there already."""

    @property
    def medium_bytes(self) -> int:
        """What is read from the medium."""
        return sum(layer.size_bytes for layer in self.image.layers[self.present :])

    @property
    def engine_bytes(self) -> int:
        """What an engine with unpacked layers stores."""
        missing = self.image.layers[self.present :]
        return sum(layer.uncompressed_bytes for layer in missing)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What all images and models of a release need on one host."""

    images: tuple[ImagePlan, ...]
    models: tuple[ReleaseModel, ...]
    """Those that are not on the host."""
    left_out_bytes: int = 0
    """Of their files, those that a delta medium leaves out: the host has them."""

    @property
    def medium_bytes(self) -> int:
        """What is read from the medium, models included."""
        images_bytes = sum(plan.medium_bytes for plan in self.images)
        return images_bytes + self.model_bytes - self.left_out_bytes

    @property
    def engine_bytes(self) -> int:
        """What the engine stores in the end."""
        return sum(plan.engine_bytes for plan in self.images)

    @property
    def temporary_bytes(self) -> int:
        """What a classic engine needs beside that for a while: the largest layer."""
        return max(
            (
                layer.uncompressed_bytes
                for plan in self.images
                for layer in plan.image.layers[plan.present :]
            ),
            default=0,
        )

    @property
    def model_bytes(self) -> int:
        """What the models need on the disk of the host."""
        return sum(model.size_bytes for model in self.models)


def plan_load(
    release: Release,
    chains: Iterable[Sequence[str]],
    model_digests: Collection[str] = (),
    delta: Delta | None = None,
) -> LoadPlan:
    """Plan to bring ``release`` to a host.

    Args:
        release: of an opened medium.
        chains: ``RootFS.Layers`` of each image in the engine.
        model_digests: ``ReleaseModel.digest`` of each model on the host.
        delta: the list of a delta medium that fits this host.
    """
    known = [tuple(chain) for chain in chains]
    images = []
    for image in release.images:
        images.append(ImagePlan(image, present_layers(image, known)))
        known.append(image.diff_ids)
    missing = tuple(one for one in release.models if one.digest not in model_digests)
    return LoadPlan(tuple(images), missing, _left_out_bytes(missing, delta))


def _left_out_bytes(models: Iterable[ReleaseModel], delta: Delta | None) -> int:
    paths = delta.paths if delta else frozenset()
    files = (file for model in models for file in model.files)
    return sum(file.size_bytes for file in files if model_blob(file.digest) in paths)
