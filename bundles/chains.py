"""Which layers of an image an engine has: a layer is known by all that are below it."""

from collections.abc import Iterable, Sequence

from bundles.release import ReleaseImage

__all__ = ["present_layers"]


def present_layers(image: ReleaseImage, chains: Iterable[Sequence[str]]) -> int:
    """Return how many layers of ``image``, from the bottom, an engine has already.

    Args:
        image: of the release.
        chains: ``RootFS.Layers`` of each image in the engine.  A layer counts only on
            top of the same layers: engines know it by its whole chain.
    """
    return max((_common(image.diff_ids, chain) for chain in chains), default=0)


def _common(wanted: Sequence[str], chain: Sequence[str]) -> int:
    count = 0
    for ours, theirs in zip(wanted, chain, strict=False):
        if ours != theirs:
            break
        count += 1
    return count
