"""Say what a load would bring and cost, before anything changes.

Images load in the order of the release, so a layer that one image brings is there for the
next image that stands on the same layers.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bundles.load import present_layers
from bundles.release import Release, ReleaseImage, ReleaseModel

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

    @property
    def medium_bytes(self) -> int:
        """What is read from the medium, models included."""
        return sum(plan.medium_bytes for plan in self.images) + self.model_bytes

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
) -> LoadPlan:
    """Plan to bring ``release`` to a host.

    Args:
        release: of an opened medium.
        chains: ``RootFS.Layers`` of each image in the engine.
        model_digests: ``ReleaseModel.digest`` of each model on the host.
    """
    known = [tuple(chain) for chain in chains]
    images = []
    for image in release.images:
        images.append(ImagePlan(image, present_layers(image, known)))
        known.append(image.diff_ids)
    missing = (model for model in release.models if model.digest not in model_digests)
    return LoadPlan(tuple(images), tuple(missing))
