"""Write all images of a release into an OCI layout.

Layers are kept in the layout beside a record of what they were made from, so that a
build after a change of our programs writes those small layers only.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.images.programs import SOURCES, SourcesMissingError, program_files
from appliance.images.recipes import Accelerator, Recipe, recipes
from appliance.images.rootfs import SUITE, RootfsTar, rootfs_tar
from appliance.images.sbom import Contents, image_sbom
from appliance.images.wheels import site_packages
from appliance.specs import VERSION_LABEL
from bundles.oci import (
    BuiltImage,
    ImageConfig,
    ImageSpec,
    Layer,
    LayerSource,
    MemoryLayer,
    RootfsLayer,
    TreeLayer,
    write_image,
    write_layer,
)
from bundles.oci.layer import blob_path

# A host name that cannot exist: no engine rewrites the name or tries to pull it.
REPOSITORY: Final = "anechoic.invalid/anechoic"
LICENSE_ANCHOR: Final = "etc/anechoic/license-anchor.cbor"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ReleaseImages:
    """The images of a release, and a bill of materials for each."""

    images: tuple[BuiltImage, ...]
    sboms: Mapping[str, bytes]
    """Path on the medium -> CycloneDX JSON."""


def build_images(  # noqa: PLR0913 - all by name
    layout: Path,
    cache: Path,
    *,
    version: str,
    created: datetime,
    license_anchor: bytes,
    accelerator: Accelerator,
    say: Say,
) -> ReleaseImages:
    """Write all images, in the order of their start, and say what is in each.

    Args:
        layout: OCI layout that keeps blobs from build to build.
        cache: keeps root file systems, wheels and layer records.
        version: tag of every image.
        created: aware time that the images carry.
        license_anchor: public license root, baked into the images that verify leases.
        accelerator: what the recognition image can compute on.
        say: gets one line for each image.
    """
    builder = _Builder(layout, cache, created, license_anchor)
    images, sboms = [], {}
    for recipe in recipes(accelerator):
        contents = builder.contents(recipe)
        image = builder.image(recipe, contents, version)
        sboms[f"sbom/{recipe.name}.cdx.json"] = image_sbom(
            recipe.name, image.config_digest, contents, version=version, created=created
        )
        size_mb = sum(layer.size_bytes for layer in image.layers) / 1e6
        say(f"image {recipe.name:<8} {size_mb:6.1f} MB  {image.config_digest[:23]}")
        images.append(image)
    return ReleaseImages(tuple(images), sboms)


class _Builder:
    def __init__(
        self, layout: Path, cache: Path, created: datetime, license_anchor: bytes
    ) -> None:
        self._layout, self._cache, self._created = layout, cache, created
        self._license_anchor = license_anchor

    def contents(self, recipe: Recipe) -> Contents:
        epoch_s = int(self._created.timestamp())
        rootfs = rootfs_tar(recipe.rootfs, self._cache, epoch_s=epoch_s)
        return Contents(rootfs, [self._site(name) for name in recipe.wheels])

    def image(self, recipe: Recipe, contents: Contents, version: str) -> BuiltImage:
        spec = ImageSpec(
            name=recipe.name,
            reference=f"{REPOSITORY}/{recipe.name}:{version}",
            config=ImageConfig(
                user=f"{recipe.uid}:{recipe.uid}",
                env=dict(recipe.environment),
                entrypoint=recipe.command,
                labels={VERSION_LABEL: version, **dict(recipe.labels)},
            ),
        )
        layers = list(self._layers(recipe, contents))
        return write_image(self._layout, spec, layers, created=self._created)

    def _layers(self, recipe: Recipe, contents: Contents) -> Iterator[Layer]:
        yield self._rootfs(recipe, contents.rootfs)
        for name, site in zip(recipe.wheels, contents.sites, strict=True):
            source = TreeLayer(site, f"wheels of {name}.txt", prefix="site")
            yield self._kept(site.name, source)
        files = own_files(recipe, self._license_anchor)
        yield write_layer(self._layout, MemoryLayer(files, "programs of Anechoic"))

    def _rootfs(self, recipe: Recipe, rootfs: RootfsTar) -> Layer:
        with rootfs.tar.open("rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()[:16]
        made_by = f"Debian {SUITE}: {' '.join(recipe.rootfs.packages)}"
        return self._kept(key, RootfsLayer(rootfs.tar, made_by, keep=_is_ours_to_keep))

    def _site(self, wheels: str) -> Path:
        lock = SOURCES / "requirements" / f"{wheels}.txt"
        if not lock.is_file():
            raise SourcesMissingError(f"expected {lock.name} beside the packages")
        return site_packages(lock, self._cache)

    def _kept(self, key: str, source: LayerSource) -> Layer:
        """Return the layer written before from the same source, or write it."""
        record = self._cache / f"layer-{key}.json"
        if record.exists():
            layer = Layer.from_json(record.read_bytes())
            if blob_path(self._layout, layer.digest).exists():
                return layer
        layer = write_layer(self._layout, source)
        record.write_bytes(layer.to_json())
        return layer


def _is_ours_to_keep(path: str) -> bool:
    """Leave out what mmdebstrap adds for a system that would boot."""
    return path.split("/", 1)[0] not in {"dev", "etc", "tmp"}


def own_files(recipe: Recipe, license_anchor: bytes) -> Mapping[str, bytes]:
    """Return the files of the project's own layer, by their path in the image."""
    user = f"anechoic:x:{recipe.uid}:{recipe.uid}:::\n"
    files = {
        "etc/passwd": b"root:x:0:0:::\n" + user.encode(),
        "etc/group": f"root:x:0:\nanechoic:x:{recipe.uid}:\n".encode(),
    }
    programs = program_files(recipe.programs)
    files |= {f"app/{name}": data for name, data in programs.items()}
    if recipe.license_anchor:
        files[LICENSE_ANCHOR] = license_anchor
    return files
