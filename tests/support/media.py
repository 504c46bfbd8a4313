"""Make small, really signed release media for tests."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bundles.build import MediumSummary, ModelSource, build_medium
from bundles.documents import ProgramSource
from bundles.keys import ReleaseKeys, create_release_keys
from bundles.oci import (
    BuiltImage,
    ImageConfig,
    ImageSpec,
    LayerSource,
    MemoryLayer,
    write_image,
    write_layer,
)
from bundles.trust.anchor import TrustAnchor
from bundles.trust.catalog import Catalog

PASSPHRASE = b"correct horse battery staple"
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FAR_AWAY = timedelta(days=3650)
LICENSE_ANCHOR = b"license roots of the tests"
KEYSET = b"license keyset of the tests"


@dataclass
class MediumFactory:
    """Builds media of one vendor below ``root``.

    Example::

        factory = MediumFactory(tmp_path)
        built = factory.build("medium-1")
        medium = open_medium(built.path, anchor=factory.anchor, now=factory.now)
    """

    root: Path
    created: datetime = CREATED
    license_anchor: bytes = LICENSE_ANCHOR
    keyset: bytes = KEYSET
    revocations: bytes | None = None
    keys: ReleaseKeys = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.keys = create_release_keys(
            self.keys_dir, PASSPHRASE, root_expires=self.created + 2 * FAR_AWAY
        )

    @property
    def keys_dir(self) -> Path:
        return self.root / "keys"

    @property
    def layout(self) -> Path:
        return self.root / "layout"

    @property
    def model_dir(self) -> Path:
        return self.root / "model"

    @property
    def anchor(self) -> TrustAnchor:
        return TrustAnchor(self.keys.newest_root, self.license_anchor, self.created)

    @property
    def now(self) -> datetime:
        """A time at which a medium of this factory may be installed."""
        return self.created + timedelta(days=1)

    def image(
        self, name: str, *sources: LayerSource, config: ImageConfig | None = None
    ) -> BuiltImage:
        """Write an image; without sources it gets two tiny layers."""
        layers = sources or (
            MemoryLayer({"base/file": b"the base of every image"}, "base"),
            MemoryLayer({f"app/{name}": name.encode() * 64}, f"app {name}"),
        )
        return write_image(
            self.layout,
            ImageSpec(
                name,
                f"anechoic.invalid/anechoic/{name}:1.0.0",
                config or ImageConfig(user="10001:10001", cmd=(f"/app/{name}",)),
            ),
            [write_layer(self.layout, source) for source in layers],
            created=self.created,
        )

    def model(
        self, files: Mapping[str, bytes] | None = None, name: str = "demo"
    ) -> ModelSource:
        """Write a model folder; the default one has a manifest and weights."""
        content = files or {
            "model.bin": b"weights " * 4096,
            "config.json": b"{}",
            "manifest.json": b'{"name":"demo","version":"1"}',
        }
        shutil.rmtree(self.model_dir, ignore_errors=True)
        for path, data in content.items():
            (self.model_dir / path).parent.mkdir(parents=True, exist_ok=True)
            (self.model_dir / path).write_bytes(data)
        return ModelSource(name, self.model_dir)

    def build(
        self,
        folder: str = "medium",
        *,
        release_seq: int = 1,
        version: str = "1.0.0",
        images: tuple[BuiltImage, ...] | None = None,
        models: tuple[ModelSource, ...] | None = None,
        expires: datetime | None = None,
        keys: ReleaseKeys | None = None,
        created: datetime | None = None,
        program: ProgramSource | None = None,
        metadata_version: int | None = None,
        others: Catalog | None = None,
    ) -> MediumSummary:
        """Build a medium with an image ``api`` and a model ``demo``, or with these."""
        return build_medium(
            self.root / folder,
            version=version,
            release_seq=release_seq,
            images_layout=self.layout,
            built_images=(self.image("api"),) if images is None else images,
            models=(self.model(),) if models is None else models,
            release_keys=keys or self.keys,
            license_keyset=self.keyset,
            license_revocations=self.revocations,
            created=created or self.created,
            expires=expires or self.created + FAR_AWAY,
            program=program,
            metadata_version=metadata_version,
            others=others,
        )
