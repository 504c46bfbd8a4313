"""Feed verified payload to a container engine, one layer at a time.

Each missing layer travels in a small hybrid archive (OCI layout plus ``manifest.json``)
of its own: the final image cut to its first k layers, of which only layer k is inside,
because the engine has the ones below.  So temporary space is one layer, progress is
honest, and what was loaded before a crash stays.  The archives hold uncompressed tars,
which every engine takes; the image ID is the signed config digest all the same.

What is hashed is what is fed: the last piece of a layer leaves only after the digest of
its blob is right, so an engine never sees the end of a wrong archive.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bundles.chains import present_layers
from bundles.digests import hex_of, sha256_digest
from bundles.errors import BlobError, ReleaseError
from bundles.lacking import lacking_layers, require_base
from bundles.layers import checked_layer, read_signed
from bundles.model import VerifiedMedium
from bundles.oci.image import (
    LAYOUT_MARK,
    RAW_LAYER_TYPE,
    index_json,
    manifest_json,
)
from bundles.oci.tarball import END_OF_ARCHIVE, padding, tar_header
from bundles.release import ReleaseImage, ReleaseLayer, oci_blob
from bundles.strict_json import JsonValue, canonical_json, parse_json

__all__ = [
    "CHECKPOINT_REPOSITORY",
    "LayerArchive",
    "layer_archives",
    "present_layers",
    "raw_manifest",
]

CHECKPOINT_REPOSITORY: Final = "anechoic.invalid/anechoic/checkpoint"
"""Tags of half-loaded images begin so; the caller removes them at the end."""


@dataclass(frozen=True, slots=True)
class LayerArchive:
    """One archive to feed to an engine (``POST /images/load``).

    ``chunks`` can be read once and raises ``BlobError`` instead of its last piece when
    the medium is not what was signed.
    """

    position: int
    """1 for the bottom layer."""
    diff_id: str
    size_bytes: int
    """Of the whole archive."""
    reference: str
    """The tag that the engine will give; a checkpoint, or the image's own."""
    image_id: str
    """What a classic engine will call the result: the digest of its config."""
    final: bool
    chunks: Iterator[bytes] = field(repr=False)


def layer_archives(
    medium: VerifiedMedium,
    image: ReleaseImage,
    present: Iterable[Sequence[str]] = (),
) -> Iterator[LayerArchive]:
    """Yield the archives that bring ``image`` into an engine, in loading order.

    Args:
        medium: from ``open_medium``.
        image: one of its images.
        present: ``RootFS.Layers`` of each image in the engine.  If all layers are
            there, one archive without a layer gives the image its config and name.

    Raises:
        BlobError: config or manifest differ from their signed digests (before the
            first archive), or a layer does (instead of its last piece).
        DeltaBaseError: a delta leaves out a layer that is not present.
        ReleaseError: config and release.json contradict each other.
        UnreadableError: the medium cannot be read.
    """
    config = _verified_config(medium, image)
    count = len(image.layers)
    start = present_layers(image, present)
    if medium.delta is not None:
        delta = medium.delta.delta
        require_base(delta, lacking_layers(delta, image, start))
    if start == count:
        yield _archive(medium, image, config, count, with_layer=False)
    for position in range(start + 1, count + 1):
        yield _archive(medium, image, config, position, with_layer=True)


def raw_manifest(image: ReleaseImage, config: bytes, position: int) -> bytes:
    """Return the manifest of the first ``position`` layers, uncompressed."""
    layers = [
        (RAW_LAYER_TYPE, layer.diff_id, layer.uncompressed_bytes)
        for layer in image.layers[:position]
    ]
    return manifest_json(sha256_digest(config), len(config), layers)


@dataclass(frozen=True, slots=True)
class _Config:
    """An image config whose lists of layers and history are of one length."""

    raw: bytes
    value: dict[str, JsonValue]
    diff_ids: list[JsonValue]
    history: list[JsonValue]

    def cut_to(self, position: int) -> bytes:
        """Return the config of the image as it is after its first layers."""
        rootfs = {"type": "layers", "diff_ids": self.diff_ids[:position]}
        history = self.history[:position]
        return canonical_json({**self.value, "rootfs": rootfs, "history": history})


def _verified_config(medium: VerifiedMedium, image: ReleaseImage) -> _Config:
    config = _verified_json(medium, image.config_digest, image.config_size_bytes)
    _verified_json(medium, image.manifest_digest, image.manifest_size_bytes)
    match parse_json(config, limit_bytes=image.config_size_bytes):
        case {
            "architecture": image.architecture,
            "os": image.os,
            "rootfs": {"diff_ids": list(diff_ids)},
            "history": list(history),
        } as value if (
            isinstance(value, dict)
            and tuple(diff_ids) == image.diff_ids
            and len(history) == len(diff_ids)
        ):
            return _Config(config, value, diff_ids, history)
        case _:
            pass
    raise ReleaseError(f"{image.name}: the image config contradicts release.json")


def _verified_json(medium: VerifiedMedium, digest: str, size_bytes: int) -> bytes:
    path = oci_blob(digest)
    data = read_signed(medium, path, limit_bytes=size_bytes + 1)
    if (found := sha256_digest(data)) != digest:
        raise BlobError(f"{path}: expected {digest}, found {found}")
    return data


def _archive(
    medium: VerifiedMedium,
    image: ReleaseImage,
    verified: _Config,
    position: int,
    *,
    with_layer: bool,
) -> LayerArchive:
    final = position == len(image.layers)
    layer = image.layers[position - 1]
    config = verified.raw if final else verified.cut_to(position)
    reference = image.reference if final else _checkpoint(image, position)
    head = _head(image, config, position, reference)
    layer_bytes = 0
    if with_layer:
        head += tar_header(
            f"blobs/sha256/{hex_of(layer.diff_id)}", layer.uncompressed_bytes
        )
        layer_bytes = layer.uncompressed_bytes + len(padding(layer.uncompressed_bytes))
    return LayerArchive(
        position=position,
        diff_id=layer.diff_id,
        size_bytes=len(head) + layer_bytes + len(END_OF_ARCHIVE),
        reference=reference,
        image_id=sha256_digest(config),
        final=final,
        chunks=_chunks(medium, head, layer if with_layer else None),
    )


def _checkpoint(image: ReleaseImage, position: int) -> str:
    return f"{CHECKPOINT_REPOSITORY}:{image.name}-{position}"


def _head(image: ReleaseImage, config: bytes, position: int, reference: str) -> bytes:
    """Return everything of an archive that comes before its layer."""
    manifest = raw_manifest(image, config, position)
    manifest_digest = sha256_digest(manifest)
    index = index_json([(reference, manifest_digest, len(manifest))], by_tag=True)
    config_path = f"blobs/sha256/{hex_of(sha256_digest(config))}"
    docker_manifest: list[JsonValue] = [
        {
            "Config": config_path,
            "RepoTags": [reference],
            "Layers": [
                f"blobs/sha256/{hex_of(layer.diff_id)}"
                for layer in image.layers[:position]
            ],
        }
    ]
    folders = [tar_header(name, 0, folder=True) for name in ("blobs", "blobs/sha256")]
    files = [
        ("index.json", index),
        ("manifest.json", canonical_json(docker_manifest)),
        ("oci-layout", LAYOUT_MARK),
        (config_path, config),
        (f"blobs/sha256/{hex_of(manifest_digest)}", manifest),
    ]
    return b"".join([*folders, *(_member(name, data) for name, data in files)])


def _member(name: str, data: bytes) -> bytes:
    return tar_header(name, len(data)) + data + padding(len(data))


def _chunks(
    medium: VerifiedMedium, head: bytes, layer: ReleaseLayer | None
) -> Iterator[bytes]:
    yield head
    if layer is not None:
        yield from checked_layer(medium, layer)
    # One piece, because an empty one would end a chunked HTTP request early.
    yield padding(layer.uncompressed_bytes if layer else 0) + END_OF_ARCHIVE
