"""Build a release medium: the same input gives the same bytes, every time."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from bundles.digests import Progress, hex_of, no_progress, sha256_digest
from bundles.documents import Document, ProgramSource, documents_of
from bundles.errors import BuildError
from bundles.files import fsync_directory
from bundles.keys import ReleaseKeys
from bundles.oci.layer import blob_path
from bundles.oci.model import BuiltImage
from bundles.release import (
    Release,
    ReleaseFile,
    ReleaseImage,
    ReleaseLayer,
    ReleaseModel,
)
from bundles.strict_json import JsonValue, MalformedJsonError, parse_json
from bundles.timestamps import utc_seconds
from bundles.trust.catalog import Catalog, ListedRelease
from bundles.trust.roles import ReleaseTargets, sign_metadata
from bundles.writer import MediumWriter

__all__ = ["MediumSummary", "ModelSource", "build_medium", "listed_release"]

_MODEL_MANIFEST: Final = "manifest.json"
_MODEL_MANIFEST_LIMIT_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model to ship: any folder of plain files, for example of CTranslate2."""

    name: str
    directory: Path


@dataclass(frozen=True, slots=True)
class MediumSummary:
    """What was built."""

    path: Path
    release: Release
    size_bytes: int
    """Of all files of the medium."""
    digest: str
    """Of SHA256SUMS, and so of every file: two builds can be compared by it."""


def build_medium(  # noqa: PLR0913 - all by name
    out: Path,
    *,
    version: str,
    release_seq: int,
    images_layout: Path,
    built_images: Sequence[BuiltImage],
    models: Sequence[ModelSource],
    release_keys: ReleaseKeys,
    license_keyset: bytes,
    license_revocations: bytes | None = None,
    created: datetime,
    expires: datetime,
    others: Catalog | None = None,
    metadata_version: int | None = None,
    documents: Mapping[str, bytes] = MappingProxyType({}),
    program: ProgramSource | None = None,
    on_progress: Progress = no_progress,
) -> MediumSummary:
    """Write a signed medium to the new folder ``out``.

    Args:
        out: must not exist; it appears only when the medium is complete.
        version: product version, for people.
        release_seq: number of the release; larger than that of any release before.
        images_layout: where ``bundles.oci.write_layer`` and ``write_image`` wrote.
        built_images: the images to ship.
        models: the speech models to ship.
        release_keys: online keys and root chain.
        license_keyset: opaque bytes, carried as a target of the licensing role.
        license_revocations: likewise; None where nothing was ever revoked.
        created: aware time of the release.
        expires: aware install-by time.
        others: the releases before: those that are good, and those that were revoked.
        metadata_version: larger than that of any medium or trust update before, and
            not below ``release_seq``, which it is by default.
        documents: path -> content of what is shipped and signed beside the payload,
            such as bills of materials.
        program: the self-contained operator's program.
        on_progress: gets bytes of payload done and in total.

    Raises:
        BuildError: input is missing, contradictory or damaged.
    """
    if out.exists():
        raise BuildError(f"expected a new folder for the medium: {out} exists")
    if not created < expires:
        raise BuildError("expected an install-by time after the time of the release")
    total_bytes = _input_bytes(built_images, models)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        writer = MediumWriter(partial, total_bytes, on_progress)
        release = Release(
            product_version=version,
            release_seq=release_seq,
            created=utc_seconds(created),
            images=tuple(_add_image(writer, images_layout, i) for i in built_images),
            models=tuple(_add_model(writer, model) for model in models),
        )
        every = documents_of(release, utc_seconds(expires), documents, program)
        release = _with_documents(writer, release, every)
        targets = ReleaseTargets(
            release_seq, release.to_json(), license_keyset, license_revocations
        )
        listed = listed_release(release, expires)
        catalog = replace(others or Catalog(created), created=utc_seconds(created))
        number = metadata_version or release_seq
        _sign(writer, targets, catalog.with_release(listed), number, release_keys)
        digest = writer.finish()
        partial.rename(out)
    except (OSError, ValidationError) as error:
        raise BuildError(f"{out}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    fsync_directory(out.parent)
    return MediumSummary(out, release, writer.size_bytes, digest)


def _input_bytes(images: Sequence[BuiltImage], models: Sequence[ModelSource]) -> int:
    layers = {
        layer.digest: layer.size_bytes for image in images for layer in image.layers
    }
    files = [path.stat().st_size for model in models for path in _model_files(model)]
    return sum(layers.values()) + sum(files)


def _add_image(writer: MediumWriter, layout: Path, image: BuiltImage) -> ReleaseImage:
    described = ReleaseImage(
        name=image.name,
        reference=image.reference,
        architecture=image.architecture,  # type: ignore[arg-type] # checked by pydantic
        os=image.os,  # type: ignore[arg-type] # checked by pydantic
        config_digest=image.config_digest,
        config_size_bytes=image.config_size_bytes,
        manifest_digest=image.manifest_digest,
        manifest_size_bytes=image.manifest_size_bytes,
        layers=tuple(
            ReleaseLayer(
                digest=layer.digest,
                size_bytes=layer.size_bytes,
                diff_id=layer.diff_id,
                uncompressed_bytes=layer.uncompressed_bytes,
            )
            for layer in image.layers
        ),
    )
    for digest, _ in described.blobs():
        writer.add_blob("oci", blob_path(layout, digest), expected=digest)
    return described


def _add_model(writer: MediumWriter, model: ModelSource) -> ReleaseModel:
    files = []
    for path in _model_files(model):
        digest, size_bytes = writer.add_blob("models", path)
        files.append(
            ReleaseFile(
                path=path.relative_to(model.directory).as_posix(),
                digest=digest,
                size_bytes=size_bytes,
            )
        )
    manifest = _model_manifest(model.directory / _MODEL_MANIFEST)
    return ReleaseModel(name=model.name, manifest=manifest, files=tuple(files))


def _model_files(model: ModelSource) -> list[Path]:
    """Return all plain files of a model; a link counts as the file it leads to."""
    if not model.directory.is_dir():
        raise BuildError(f"expected a folder with a model: {model.directory}")
    files = [
        path
        for path in sorted(model.directory.rglob("*"), key=Path.as_posix)
        if path.is_file() and not _is_hidden(path.relative_to(model.directory))
    ]
    if not files:
        raise BuildError(f"expected files of a model in {model.directory}, found none")
    return files


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _model_manifest(path: Path) -> dict[str, JsonValue]:
    if not path.is_file():
        return {}
    try:
        data = path.read_bytes()
        value = parse_json(data, limit_bytes=_MODEL_MANIFEST_LIMIT_BYTES)
    except MalformedJsonError as error:
        raise BuildError(f"{path}: {error}") from error
    if not isinstance(value, dict):
        raise BuildError(f"{path}: expected a JSON object")
    return value


def _with_documents(
    writer: MediumWriter,
    release: Release,
    contents: Iterable[Document],
) -> Release:
    """Write the documents; their digests are signed with the release."""
    documents = []
    for one in contents:
        writer.add_bytes(one.path, one.data, executable=one.executable)
        documents.append(
            ReleaseFile(
                path=one.path,
                digest=sha256_digest(one.data),
                size_bytes=len(one.data),
            )
        )
    return release.model_copy(update={"documents": tuple(documents)})


def listed_release(release: Release, expires: datetime) -> ListedRelease:
    """Return how signed metadata lists a release that may be installed so long."""
    data = release.to_json()
    return ListedRelease(
        release.release_seq,
        release.product_version,
        hex_of(sha256_digest(data)),
        len(data),
        utc_seconds(expires),
    )


def _sign(
    writer: MediumWriter,
    targets: ReleaseTargets,
    catalog: Catalog,
    version: int,
    keys: ReleaseKeys,
) -> None:
    until = catalog.release(targets.release_seq).install_by
    metadata = sign_metadata(
        catalog, targets.licensing, signers=keys.signers, version=version, expires=until
    )
    for number, root in enumerate(keys.root_chain, start=1):
        metadata[f"{number}.root.json"] = root
    files = {
        **{f"release/{name}": data for name, data in targets.files().items()},
        **{f"tuf/{name}": data for name, data in metadata.items()},
    }
    for path, data in files.items():
        writer.add_bytes(path, data)
