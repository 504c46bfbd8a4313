"""What a delta medium counts on and a host does not have."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from bundles.chains import present_layers
from bundles.delta import Delta
from bundles.errors import DeltaBaseError
from bundles.readme import readable_size
from bundles.release import (
    Release,
    ReleaseFile,
    ReleaseImage,
    ReleaseLayer,
    ReleaseModel,
    model_blob,
    oci_blob,
)

__all__ = ["lacking", "lacking_layers", "require_base"]


def lacking(
    delta: Delta,
    release: Release,
    chains: Iterable[Sequence[str]],
    model_digests: Collection[str] = (),
    file_digests: Collection[str] = (),
) -> tuple[str, ...]:
    """Name what the delta leaves out and the host does not have.

    Args:
        delta: of the medium.
        release: of the medium.
        chains: ``RootFS.Layers`` of each image in the engine.
        model_digests: ``ReleaseModel.digest`` of each model on the host.
        file_digests: of files of other models on the host.
    """
    known, found = [tuple(chain) for chain in chains], list[str]()
    for image in release.images:
        found += lacking_layers(delta, image, present_layers(image, known))
        known.append(image.diff_ids)
    for model in release.models:
        if model.digest not in model_digests:
            found += _lacking_files(delta, model, file_digests)
    return tuple(found)


def lacking_layers(delta: Delta, image: ReleaseImage, present: int) -> tuple[str, ...]:
    """Name the layers that are left out, of those above the ``present`` lowest."""
    paths = delta.paths
    return tuple(
        _named(f"layer {number} of the image {image.name}", layer)
        for number, layer in enumerate(image.layers, start=1)
        if number > present and oci_blob(layer.digest) in paths
    )


def require_base(delta: Delta, missing: Sequence[str]) -> None:
    """Refuse a host that lacks what the delta counts on.

    Raises:
        DeltaBaseError: with the exact list.
    """
    if missing:
        message = f"a delta for {delta.since.name}; this host lacks "
        raise DeltaBaseError(message + "; ".join(missing))


def _lacking_files(
    delta: Delta, model: ReleaseModel, known: Collection[str]
) -> Iterator[str]:
    paths = delta.paths
    for file in model.files:
        if model_blob(file.digest) in paths and file.digest not in known:
            yield _named(f"{file.path} of the model {model.name}", file)


def _named(what: str, blob: ReleaseFile | ReleaseLayer) -> str:
    return f"{what} ({blob.digest}, {readable_size(blob.size_bytes)})"
