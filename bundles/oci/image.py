"""Write the JSON of images: config, manifest, index and layout mark."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from bundles.oci.layer import write_blob
from bundles.oci.model import BuiltImage, ImageConfig, ImageSpec, Layer
from bundles.strict_json import JsonValue, canonical_json
from bundles.timestamps import to_rfc3339

__all__ = [
    "CONFIG_TYPE",
    "INDEX_TYPE",
    "LAYOUT_MARK",
    "MANIFEST_TYPE",
    "RAW_LAYER_TYPE",
    "ZSTD_LAYER_TYPE",
    "index_json",
    "manifest_json",
    "write_image",
    "write_index",
]

CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
RAW_LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
ZSTD_LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+zstd"
LAYOUT_MARK = canonical_json({"imageLayoutVersion": "1.0.0"})


def write_image(
    layout_dir: Path, spec: ImageSpec, layers: Sequence[Layer], *, created: datetime
) -> BuiltImage:
    """Write config and manifest of an image whose layers are written already.

    Args:
        layout_dir: the layout that ``write_layer`` wrote the layers to.
        spec: name and start of the image.
        layers: bottom first; at least one.
        created: aware time of the build, to the second.
    """
    if not layers:
        raise ValueError("an image needs at least one layer")
    config = canonical_json(_config(spec, layers, created))
    config_digest = write_blob(layout_dir, config)
    blobs = [(ZSTD_LAYER_TYPE, layer.digest, layer.size_bytes) for layer in layers]
    manifest = manifest_json(config_digest, len(config), blobs)
    return BuiltImage(
        name=spec.name,
        reference=spec.reference,
        architecture=spec.architecture,
        os=spec.os,
        config_digest=config_digest,
        config_size_bytes=len(config),
        manifest_digest=write_blob(layout_dir, manifest),
        manifest_size_bytes=len(manifest),
        layers=tuple(layers),
    )


def write_index(layout_dir: Path, images: Iterable[BuiltImage]) -> None:
    """Write ``oci-layout`` and ``index.json`` of a layout with these images."""
    manifests = [
        (image.reference, image.manifest_digest, image.manifest_size_bytes)
        for image in images
    ]
    layout_dir.mkdir(parents=True, exist_ok=True)
    (layout_dir / "oci-layout").write_bytes(LAYOUT_MARK)
    (layout_dir / "index.json").write_bytes(index_json(manifests))


def index_json(
    manifests: Iterable[tuple[str, str, int]], *, by_tag: bool = False
) -> bytes:
    """Return the index of a layout of (reference, manifest digest, manifest size).

    Args:
        manifests: one per image.
        by_tag: name the image by its tag alone, as engines expect of an archive of
            one image.  Images of one release share their tag, so in a layout of many
            each has its full reference for a name:
            ``skopeo inspect oci:FOLDER:anechoic.invalid/anechoic/api:1.0.0``.
    """
    return canonical_json(
        {
            "schemaVersion": 2,
            "mediaType": INDEX_TYPE,
            "manifests": [
                {
                    "mediaType": MANIFEST_TYPE,
                    "digest": digest,
                    "size": size_bytes,
                    "annotations": {
                        # containerd takes the name from here, not from manifest.json
                        "io.containerd.image.name": reference,
                        "org.opencontainers.image.ref.name": (
                            reference.rsplit(":")[-1] if by_tag else reference
                        ),
                    },
                }
                for reference, digest, size_bytes in sorted(manifests)
            ],
        }
    )


def manifest_json(
    config_digest: str, config_size_bytes: int, layers: Iterable[tuple[str, str, int]]
) -> bytes:
    """Return an image manifest of layers (media type, digest, size in bytes)."""
    return canonical_json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {
                "mediaType": CONFIG_TYPE,
                "digest": config_digest,
                "size": config_size_bytes,
            },
            "layers": [
                {"mediaType": media_type, "digest": digest, "size": size_bytes}
                for media_type, digest, size_bytes in layers
            ],
        }
    )


def _config(
    spec: ImageSpec, layers: Sequence[Layer], created: datetime
) -> dict[str, JsonValue]:
    time = to_rfc3339(created)
    return {
        "created": time,
        "architecture": spec.architecture,
        "os": spec.os,
        "config": _start_config(spec.config),
        "rootfs": {
            "type": "layers",
            "diff_ids": [layer.diff_id for layer in layers],
        },
        # One entry per layer, none empty: checkpoints cut both lists at one place.
        "history": [
            {"created": time, "created_by": layer.created_by} for layer in layers
        ],
    }


def _start_config(config: ImageConfig) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = {
        "User": config.user,
        "Env": [f"{name}={value}" for name, value in sorted(config.env.items())],
        "Entrypoint": list(config.entrypoint),
        "Cmd": list(config.cmd),
        "WorkingDir": config.working_dir,
        "ExposedPorts": {port: {} for port in config.exposed_ports},
        "Labels": dict(config.labels),
        "StopSignal": config.stop_signal,
    }
    return {name: value for name, value in values.items() if value}
