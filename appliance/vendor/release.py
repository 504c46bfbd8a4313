"""Build a release: images, model, signatures, one medium."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from appliance.images.build import build_images
from appliance.images.operator import operator_program
from appliance.images.recipes import Accelerator
from appliance.vendor.deltas import keep_description, place
from appliance.vendor.keys import KeyFolder
from appliance.vendor.license_keys import load_keyset_bytes, load_revocations_bytes
from appliance.vendor.model import check_model, model_name
from bundles.build import MediumSummary, ModelSource, build_medium, listed_release
from bundles.build_delta import DeltaBasis, build_delta
from bundles.digests import Progress
from bundles.errors import BuildError
from bundles.keys import ReleaseKeys, load_release_keys
from bundles.trust.anchor import TrustAnchor

INSTALL_BY: Final = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """What to build.

    Attributes:
        sequence: number of the release; a site never goes back to a lower one.
        created: aware time in images and metadata; the same order gives the same bytes.
        expires: aware install-by time.
        cache: keeps root file systems, wheels and layers from build to build.
        replace: whether an existing medium may be replaced.
        since: what a host has, for a medium without that.
    """

    version: str
    sequence: int
    model: Path
    output: Path
    cache: Path
    created: datetime
    expires: datetime
    accelerator: Accelerator = Accelerator.CPU
    replace: bool = False
    since: DeltaBasis | None = None


def build_release(
    order: ReleaseOrder,
    keys: KeyFolder,
    passphrase: bytes,
    *,
    say: Callable[[str], None],
    on_progress: Progress,
) -> MediumSummary:
    """Build and sign a medium.

    The old medium is replaced only when the new one is complete.

    Raises:
        ApplianceError, BundleError, LicenseError: nothing was written to `order.output`.
    """
    keys.require()
    if order.output.exists() and not order.replace:
        raise BuildError(f"expected a new folder for the medium: {order.output} exists")
    _require_not_revoked(keys, order)
    if order.since is not None:
        order.since.require_not_newer(order.sequence)
    check_model(order.model)
    release_keys = load_release_keys(keys.release, passphrase)
    anchor = TrustAnchor.from_json(keys.anchor.read_bytes())
    layout = order.cache / "oci"
    built = build_images(
        layout,
        order.cache,
        version=order.version,
        created=order.created,
        license_anchor=anchor.license_anchor,
        accelerator=order.accelerator,
        say=say,
    )
    program = operator_program(order.cache)
    say(f"program for glibc {program.glibc} and later")
    say(f"model {model_name(order.model)} from {order.model.name}")
    version = keys.releases.version_of(order.sequence)
    others = keys.releases.catalog(version, order.created)
    full = order.output.with_name(f".{order.output.name}.full")
    shutil.rmtree(full, ignore_errors=True)
    summary = build_medium(
        full,
        version=order.version,
        release_seq=order.sequence,
        images_layout=layout,
        built_images=built.images,
        models=(ModelSource(model_name(order.model), order.model),),
        release_keys=release_keys,
        license_keyset=load_keyset_bytes(keys.license),
        license_revocations=load_revocations_bytes(keys.license),
        created=order.created,
        expires=order.expires,
        others=others,
        metadata_version=version,
        documents=built.sboms,
        program=program,
        on_progress=on_progress,
    )
    listed = listed_release(summary.release, order.expires)
    keys.releases.add_release(listed, order.created, version=version)
    summary = place(
        order.output, partial(_finished, summary, order.since, release_keys)
    )
    keep_description(keys, summary.release)
    return summary


def _require_not_revoked(keys: KeyFolder, order: ReleaseOrder) -> None:
    catalog = keys.releases.catalog(keys.releases.next_version(), order.created)
    revoked = catalog.revocation_of(order.sequence)
    if revoked is not None:
        raise BuildError(f"expected another sequence: {revoked.told}")


def _finished(
    full: MediumSummary,
    since: DeltaBasis | None,
    release_keys: ReleaseKeys,
    fresh: Path,
) -> MediumSummary:
    """Make of the full medium what was ordered, in the folder ``fresh``."""
    if since is None:
        full.path.rename(fresh)
        return full
    try:
        return build_delta(
            fresh,
            full=full.path,
            release_json=full.release.to_json(),
            basis=since,
            release_keys=release_keys,
        )
    finally:
        shutil.rmtree(full.path, ignore_errors=True)
