"""Release media for the engine: the pinned anchor, the floor, and the feeding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.engines import EngineError
from bundles.lacking import lacking, require_base
from bundles.load import CHECKPOINT_REPOSITORY, layer_archives, present_layers
from bundles.medium import VerifiedMedium, open_medium, pin_trust, verify_documents
from bundles.plan import plan_load
from bundles.store import copy_model
from installer.engine.anchors import choose_anchor, pin_anchor
from installer.engine.load_plan import plan_body
from installer.engine.model_files import known_files
from installer.findings import Finding
from installer.protocol import ImageSummary, MediumSummary, ModelSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from appliance.engines import ContainerEngine
    from appliance.paths import HostPaths
    from bundles.release import ReleaseFile, ReleaseModel
    from bundles.trust.state import TrustFloor
    from installer.bundle_bodies import BundlePlan

__all__ = ["ReleaseMedia", "ReleaseMedium"]


@dataclass(frozen=True, slots=True)
class ReleaseMedia:
    """Opens media against the pinned anchor and what is installed.

    Attributes:
        floor: number and time of the installed release, or None; kept apart from
            the TUF memory, so that losing that does not allow a rollback.
    """

    paths: HostPaths
    now: Callable[[], datetime]
    floor: Callable[[], TrustFloor | None]

    def open(self, path: Path, trust: Path | None) -> ReleaseMedium:
        """Verify the metadata of a medium.

        Raises:
            BundleError: it, or the anchor, is refused.
            InstallerError: there is no anchor, or another one is pinned.
        """
        medium = open_medium(
            path,
            anchor=choose_anchor(self.paths, trust),
            now=self.now(),
            trust_dir=self.paths.tuf,
            floor=self.floor(),
        )
        return ReleaseMedium(medium, self.paths)


@dataclass(frozen=True, slots=True)
class ReleaseMedium:
    """One opened medium."""

    medium: VerifiedMedium
    paths: HostPaths

    @property
    def summary(self) -> MediumSummary:
        """Return the release in figures."""
        release = self.medium.release
        return MediumSummary(
            path=str(self.medium.path),
            product_version=release.product_version,
            release_seq=release.release_seq,
            created=release.created,
            install_by=self.medium.install_by,
            images=tuple(
                ImageSummary(
                    name=image.name,
                    image_id=image.config_digest,
                    size_bytes=image.uncompressed_bytes,
                )
                for image in release.images
            ),
            models=tuple(
                ModelSummary(name=model.name, size_bytes=model.size_bytes)
                for model in release.models
            ),
            total_bytes=release.payload_bytes,
            signers=tuple(f"{one.role} {one.key_id}" for one in self.medium.signers),
            anchor_fingerprint=self.medium.anchor.fingerprint,
        )

    def require_base(self, engine: ContainerEngine) -> None:
        """Refuse a delta whose base is not here, while there is an engine to ask."""
        signed, release = self.medium.delta, self.medium.release
        if signed is None:
            return
        try:
            chains = engine.known_layers()
        except EngineError:
            return  # preflight says so
        files = self._known_files(signed.delta.left_out)
        missing = lacking(signed.delta, release, chains, self._models_here, files)
        require_base(signed.delta, missing)

    @property
    def _models_here(self) -> set[str]:
        return {one.digest for one in self.medium.release.models if self._has(one)}

    def _known_files(self, wanted: Iterable[ReleaseFile]) -> dict[str, Path]:
        try:
            return known_files(self.paths.models, wanted)
        except OSError:
            return {}

    def plan(self, engine: ContainerEngine) -> BundlePlan:
        """Say what loading would read, store and take; nothing is changed."""
        release, signed = self.medium.release, self.medium.delta
        delta = signed.delta if signed else None
        chains = _known_layers(engine)
        plan = plan_load(release, chains, self._models_here, delta)
        return plan_body(release, plan, delta)

    def _has(self, model: ReleaseModel) -> bool:
        return (self.paths.models / _folder(model)).exists()

    def missing_bytes(self, engine: ContainerEngine) -> int:
        """Return what the disks will still have to take; shared layers count once."""
        release, chains = self.medium.release, _known_layers(engine)
        layers = {
            layer.diff_id: layer.uncompressed_bytes
            for image in release.images
            for layer in image.layers[present_layers(image, chains) :]
        }
        models = (model.size_bytes for model in release.models if not self._has(model))
        return sum(layers.values()) + sum(models)

    @property
    def keyset_bytes(self) -> bytes:
        """Return the key set of licenses that the medium carries."""
        return self.medium.keyset_bytes

    @property
    def revocations_bytes(self) -> bytes | None:
        """Return the list of revoked licenses that the medium carries, if it does."""
        return self.medium.revocations_bytes

    @property
    def license_anchor(self) -> bytes:
        """Return the root of trust for licenses."""
        return self.medium.anchor.license_anchor

    def check(self) -> tuple[Finding, ...]:
        """Name what is missing, foreign or changed, apart from the blobs' content."""
        return tuple(Finding.from_problem(one) for one in verify_documents(self.medium))

    def pin(self) -> None:
        """Keep the anchor and the TUF memory on this host."""
        pin_anchor(self.paths, self.medium.anchor)
        pin_trust(self.medium, self.paths.tuf)

    def load_image(
        self,
        image: ImageSummary,
        engine: ContainerEngine,
        progress: Callable[[int, int], None],
    ) -> str:
        """Feed the missing layers one by one, then drop the tags in between."""
        wanted = self.medium.release.image(image.name)
        chains = engine.known_layers()
        present = present_layers(wanted, chains)
        missing = wanted.layers[present:]
        total = sum(layer.uncompressed_bytes for layer in missing)
        done = 0
        for archive in layer_archives(self.medium, wanted, chains):
            engine.load(_counted(archive.chunks, done, total, progress))
            done += archive.size_bytes
        progress(total, total)
        engine.drop_tags(f"{CHECKPOINT_REPOSITORY}:{image.name}-")
        return f"{len(missing)} of {len(wanted.layers)} layers loaded"

    def model_folder(self, model: ModelSummary) -> str:
        """Return the name of the folder of an installed model: its digest."""
        return _folder(self.medium.release.model(model.name))

    def copy_model(
        self,
        model: ModelSummary,
        target: Path,
        progress: Callable[[int, int], None],
    ) -> None:
        """Copy a model, hashing it; the target appears complete or not at all."""
        wanted = self.medium.release.model(model.name)
        here = self._known_files(wanted.files)
        copy_model(self.medium, wanted, target, progress, here)


def _known_layers(engine: ContainerEngine) -> tuple[tuple[str, ...], ...]:
    """Ask what is present; preflight says it when there is no engine to ask."""
    try:
        return engine.known_layers()
    except EngineError:
        return ()


def _folder(model: ReleaseModel) -> str:
    return model.digest.removeprefix("sha256:")


def _counted(
    chunks: Iterator[bytes],
    before: int,
    total: int,
    progress: Callable[[int, int], None],
) -> Iterator[bytes]:
    done = before
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        progress(min(done, total), total)
