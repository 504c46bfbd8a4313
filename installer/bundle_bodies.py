"""What anechoicd and its viewers say about loading and keeping releases."""

from __future__ import annotations

from enum import StrEnum

from installer.wire import WireModel

__all__ = ["BundlePlan", "Kept", "KeptThing", "PlannedImage", "PlannedModel", "Store"]


class PlannedImage(WireModel):
    """What one image still needs.

    Attributes:
        read_bytes: to read from the medium.
        store_bytes: that the container engine will store.
    """

    name: str
    image_id: str
    layers: int
    missing_layers: int
    read_bytes: int
    store_bytes: int


class PlannedModel(WireModel):
    """A model of the release, and whether it is on the host."""

    name: str
    size_bytes: int
    present: bool


class BundlePlan(WireModel):
    """What loading a release would read, store and take, before anything changes.

    Attributes:
        temporary_bytes: that a classic engine needs beside the stored ones for a
            while: the largest missing layer.
        delta_for: for what a delta medium was made; None for a full medium.
        left_out_bytes: that the delta leaves out, because they are here.
    """

    product_version: str
    release_seq: int
    images: tuple[PlannedImage, ...]
    models: tuple[PlannedModel, ...]
    read_bytes: int
    store_bytes: int
    temporary_bytes: int
    estimate_s: float
    delta_for: str | None = None
    left_out_bytes: int = 0


class Kept(StrEnum):
    """Why something of ours is on this host."""

    INSTALLED = "installed"
    PREVIOUS = "previous"
    UNUSED = "unused"


class KeptThing(WireModel):
    """An image or a model on this host.

    Attributes:
        id: image id, or digest of the model.
        size_bytes: as the engine counts it; layers shared with another image count
            in each.
    """

    kind: str
    id: str
    name: str
    size_bytes: int
    kept: Kept


class Store(WireModel):
    """Everything of ours that a release could have brought."""

    things: tuple[KeptThing, ...]

    @property
    def unused(self) -> tuple[KeptThing, ...]:
        """What neither the installed release nor the one before it needs."""
        return tuple(one for one in self.things if one.kept is Kept.UNUSED)
