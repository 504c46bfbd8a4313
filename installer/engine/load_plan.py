"""What a load will bring, and about how long it takes, as a body for viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.bundle_bodies import BundlePlan, PlannedImage, PlannedModel

if TYPE_CHECKING:
    from bundles.delta import Delta
    from bundles.plan import ImagePlan, LoadPlan
    from bundles.release import Release

__all__ = ["COPY_BYTES_PER_S", "LOAD_BYTES_PER_S", "plan_body"]

LOAD_BYTES_PER_S = 50e6
"""What classic Docker unpacks on two cores; newer engines are faster."""

COPY_BYTES_PER_S = 100e6


def plan_body(
    release: Release, plan: LoadPlan, delta: Delta | None = None
) -> BundlePlan:
    """Describe a plan, for a delta medium with what it leaves out."""
    missing = {model.digest for model in plan.models}
    return BundlePlan(
        product_version=release.product_version,
        release_seq=release.release_seq,
        images=tuple(_image(one) for one in plan.images),
        models=tuple(
            PlannedModel(
                name=one.name,
                size_bytes=one.size_bytes,
                present=one.digest not in missing,
            )
            for one in release.models
        ),
        read_bytes=plan.medium_bytes,
        store_bytes=plan.engine_bytes + plan.model_bytes,
        temporary_bytes=plan.temporary_bytes,
        estimate_s=plan.engine_bytes / LOAD_BYTES_PER_S
        + plan.model_bytes / COPY_BYTES_PER_S,
        delta_for=delta.since.name if delta else None,
        left_out_bytes=delta.left_out_bytes if delta else 0,
    )


def _image(plan: ImagePlan) -> PlannedImage:
    return PlannedImage(
        name=plan.image.name,
        image_id=plan.image.config_digest,
        layers=len(plan.image.layers),
        missing_layers=len(plan.image.layers) - plan.present,
        read_bytes=plan.medium_bytes,
        store_bytes=plan.engine_bytes,
    )
