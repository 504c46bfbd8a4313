"""Delta media: a signed list of what a medium leaves out, because the host has it.

A delta carries the release description and the trust metadata of the full medium, byte
for byte, so a host may go from either to the other.  Only the list is its own:
``release/delta.json``, with its signature beside it (``bundles.trust.delta_list``).
A blob may be absent only if this list says so; who deletes blobs cannot write one.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bundles.release import (
    Digest,
    Release,
    ReleaseFile,
    Version,
    model_blob,
    oci_blob,
)
from bundles.strict_json import canonical_json

__all__ = [
    "DELTA_FILE",
    "DELTA_README",
    "DELTA_SIGNATURE_FILE",
    "Delta",
    "DeltaSince",
    "SignedDelta",
    "may_be_left_out",
]

DELTA_FILE: Final = "release/delta.json"
DELTA_SIGNATURE_FILE: Final = f"{DELTA_FILE}.sig"
DELTA_README: Final = "README-DELTA.txt"
_MAX_LEFT_OUT: Final = 16_384


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DeltaSince(_Strict):
    """For which host or release a delta was made."""

    kind: Literal["passport", "release"]
    digest: Digest
    """Of the passport file, or of the release.json."""
    product_version: Version | None = None
    release_seq: Annotated[int, Field(ge=1, le=2**31)] | None = None
    """None for a passport of a host on which nothing is installed."""

    @property
    def name(self) -> str:
        """What people call it."""
        release = f"release {self.product_version} (number {self.release_seq})"
        if self.kind == "release":
            return release
        short = self.digest.removeprefix("sha256:")[:16]
        return f"the host of passport {short}" + (
            f" with {release}" if self.release_seq else ""
        )


class Delta(_Strict):
    """The list itself."""

    product: Literal["anechoic"] = "anechoic"
    kind: Literal["delta"] = "delta"
    format: Literal[1] = 1
    release: Digest
    """Of the release.json that this list belongs to."""
    since: DeltaSince
    left_out: Annotated[
        tuple[ReleaseFile, ...], Field(min_length=1, max_length=_MAX_LEFT_OUT)
    ]
    """By their path on a full medium."""
    readme: ReleaseFile

    @model_validator(mode="after")
    def _paths_are_sorted(self) -> Self:
        paths = [file.path for file in self.left_out]
        if paths != sorted(set(paths)):
            raise ValueError("expected each path once, in order")
        if self.readme.path != DELTA_README:
            raise ValueError(f"expected the readme {DELTA_README}")
        return self

    @property
    def left_out_bytes(self) -> int:
        """Return what a full medium has more."""
        return sum(file.size_bytes for file in self.left_out)

    @property
    def paths(self) -> frozenset[str]:
        """Return what is absent."""
        return frozenset(file.path for file in self.left_out)

    def to_json(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical_json(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class SignedDelta:
    """A list whose signature was good, and its two files as they are on the medium."""

    delta: Delta
    document: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def files(self) -> dict[str, bytes]:
        """Return path -> content of the list and its signature."""
        return {DELTA_FILE: self.document, DELTA_SIGNATURE_FILE: self.signature}


def may_be_left_out(release: Release) -> dict[str, ReleaseFile]:
    """Return by path the blobs that a delta may leave out: layers and model files."""
    layers = (
        ReleaseFile(
            path=oci_blob(one.digest), digest=one.digest, size_bytes=one.size_bytes
        )
        for image in release.images
        for one in image.layers
    )
    files = (
        ReleaseFile(
            path=model_blob(one.digest), digest=one.digest, size_bytes=one.size_bytes
        )
        for model in release.models
        for one in model.files
    )
    return {file.path: file for file in (*layers, *files)}
