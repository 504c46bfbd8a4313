"""release.json: the one signed description of everything a medium carries.

Blobs are no TUF targets; they hang off this file by digest.  The model is strict: an
unknown field, a duplicate key, a path that leaves its folder or a size out of bounds
is refused, although the file is signed, because a signature does not make a builder
careful.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final, Literal, NoReturn, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from bundles.digests import sha256_digest
from bundles.errors import ReleaseError, ReleaseTooNewError
from bundles.files import is_safe_path
from bundles.strict_json import MalformedJsonError, canonical_json, parse_json
from bundles.timestamps import from_rfc3339, to_rfc3339

__all__ = [
    "RELEASE_FORMAT",
    "RELEASE_LIMIT_BYTES",
    "BlobBytes",
    "Digest",
    "Release",
    "ReleaseFile",
    "ReleaseImage",
    "ReleaseLayer",
    "ReleaseModel",
    "Time",
    "Version",
    "first_problem",
    "model_blob",
    "oci_blob",
    "parse_release",
]

RELEASE_FORMAT: Final = 1
RELEASE_LIMIT_BYTES = 4 * 1024 * 1024
_MAX_BLOB_BYTES = 1 << 40
_MAX_JSON_BLOB_BYTES = 4 * 1024 * 1024


def _time_from_text(value: object) -> object:
    return from_rfc3339(value) if isinstance(value, str) else value


def _safe_path(value: object) -> object:
    if isinstance(value, str) and not is_safe_path(value):
        raise ValueError("expected a relative path without ..")
    return value


Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$")]
Reference = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+(/[a-z0-9._-]+)+:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"
    ),
]
SafePath = Annotated[str, Field(max_length=1024), BeforeValidator(_safe_path)]
BlobBytes = Annotated[int, Field(ge=0, le=_MAX_BLOB_BYTES)]
JsonBytes = Annotated[int, Field(gt=0, le=_MAX_JSON_BLOB_BYTES)]
Time = Annotated[
    datetime, BeforeValidator(_time_from_text), PlainSerializer(to_rfc3339)
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ReleaseFile(_Strict):
    """A plain file: where it belongs, and what it holds."""

    path: SafePath
    digest: Digest
    size_bytes: BlobBytes


class ReleaseLayer(_Strict):
    """A layer: the blob on the medium, and the tar inside it."""

    digest: Digest
    size_bytes: BlobBytes
    diff_id: Digest
    uncompressed_bytes: BlobBytes


class ReleaseImage(_Strict):
    """A container image of the release."""

    name: Name
    reference: Reference
    architecture: Literal["amd64", "arm64"]
    os: Literal["linux"]
    config_digest: Digest
    config_size_bytes: JsonBytes
    manifest_digest: Digest
    manifest_size_bytes: JsonBytes
    layers: Annotated[tuple[ReleaseLayer, ...], Field(min_length=1, max_length=127)]

    @property
    def size_bytes(self) -> int:
        """Size of the layers on the medium."""
        return sum(layer.size_bytes for layer in self.layers)

    @property
    def uncompressed_bytes(self) -> int:
        """Size of the layers in the engine."""
        return sum(layer.uncompressed_bytes for layer in self.layers)

    def blobs(self) -> Iterator[tuple[str, int]]:
        """Yield digest and size in bytes of manifest, config and layers."""
        yield self.manifest_digest, self.manifest_size_bytes
        yield self.config_digest, self.config_size_bytes
        for layer in self.layers:
            yield layer.digest, layer.size_bytes

    @property
    def diff_ids(self) -> tuple[str, ...]:
        """The layers as an engine names them, bottom first."""
        return tuple(layer.diff_id for layer in self.layers)


class ReleaseModel(_Strict):
    """A speech model: files beside the images, and its own small manifest."""

    name: Name
    manifest: dict[str, JsonValue] = Field(default_factory=dict)
    files: Annotated[tuple[ReleaseFile, ...], Field(min_length=1, max_length=4096)]

    @property
    def size_bytes(self) -> int:
        """Size of all files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def digest(self) -> str:
        """Identity of the content: a digest over paths, digests and sizes."""
        return sha256_digest(canonical_json([f.model_dump() for f in self.files]))

    @model_validator(mode="after")
    def _paths_differ(self) -> Self:
        _require_unique("path", [file.path.casefold() for file in self.files])
        return self


class Release(_Strict):
    """Everything a medium carries."""

    product: Literal["anechoic"] = "anechoic"
    format: Literal[1] = RELEASE_FORMAT
    product_version: Version
    release_seq: Annotated[int, Field(ge=1, le=2**31)]
    """Grows with each release and never goes back; refuses a rollback even on a host
    that lost its TUF records."""
    created: Time
    images: Annotated[tuple[ReleaseImage, ...], Field(max_length=64)]
    models: Annotated[tuple[ReleaseModel, ...], Field(max_length=64)]
    documents: Annotated[tuple[ReleaseFile, ...], Field(max_length=1024)] = ()
    """Files for people and other programs, by their path on the medium."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        _require_unique("image name", [image.name for image in self.images])
        _require_unique("reference", [image.reference for image in self.images])
        _require_unique("model name", [model.name for model in self.models])
        _require_unique("document", [file.path.casefold() for file in self.documents])
        return self

    @property
    def payload_bytes(self) -> int:
        """Bytes of all different blobs of the medium."""
        sizes = dict(blob for image in self.images for blob in image.blobs())
        files = {f.digest: f.size_bytes for model in self.models for f in model.files}
        return sum(sizes.values()) + sum(files.values())

    def image(self, name: str) -> ReleaseImage:
        """Return the image called ``name``.

        Raises:
            KeyError: the release has none of this name.
        """
        return next((i for i in self.images if i.name == name), None) or _missing(name)

    def model(self, name: str) -> ReleaseModel:
        """Return the model called ``name``.

        Raises:
            KeyError: the release has none of this name.
        """
        return next((m for m in self.models if m.name == name), None) or _missing(name)

    def to_json(self) -> bytes:
        """Return the bytes that are signed: canonical JSON."""
        return canonical_json(self.model_dump(mode="json"))


def parse_release(data: bytes) -> Release:
    """Read release.json.

    Raises:
        ReleaseTooNewError: the format belongs to a later program.
        ReleaseError: anything else that is wrong, named with its place.
    """
    try:
        value = parse_json(data, limit_bytes=RELEASE_LIMIT_BYTES)
    except MalformedJsonError as error:
        raise ReleaseError(f"release.json: {error}") from error
    match value:
        case {"product": "anechoic", "format": int(found)} if found > RELEASE_FORMAT:
            message = f"expected at most format {RELEASE_FORMAT}, found {found}"
            raise ReleaseTooNewError(f"release.json: {message}")
    try:
        # The text form is validated, so that lists and tuples are one thing.
        return Release.model_validate_json(canonical_json(value))
    except (ValidationError, ValueError) as error:
        raise ReleaseError(f"release.json: {first_problem(error)}") from error


def oci_blob(digest: str) -> str:
    """Return the path of an image blob on the medium."""
    return f"oci/blobs/sha256/{digest.removeprefix('sha256:')}"


def model_blob(digest: str) -> str:
    """Return the path of a model blob on the medium."""
    return f"models/blobs/sha256/{digest.removeprefix('sha256:')}"


def _missing(name: str) -> NoReturn:
    raise KeyError(name)


def _require_unique(what: str, values: list[str]) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"expected each {what} once, found {repeated[0]!r} twice")


def first_problem(error: ValueError) -> str:
    """Return the place and the first thing that is wrong, without the value."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the whole file"
    return f"{place}: {first['msg']}"
