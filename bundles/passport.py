"""The passport of a host: what of our releases is on it, so that a medium may leave it out.

It is carried out of the site, so it holds digests of what the vendor has published and
names nothing of the host: no host name, no addresses, no serial numbers, no license.
Whoever lets it out can read it with any editor.  Nobody signs it, because nothing is
believed on its word: a host checks for itself what a delta medium expects of it.
"""

import json
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bundles.errors import PassportError
from bundles.files import ForbiddenFileError, read_beneath
from bundles.release import BlobBytes, Digest, Time, Version, first_problem
from bundles.strict_json import MalformedJsonError, canonical_json, parse_json

__all__ = [
    "PASSPORT_LIMIT_BYTES",
    "Passport",
    "PassportEngine",
    "PassportFile",
    "PassportRelease",
    "parse_passport",
    "read_passport",
]

PASSPORT_LIMIT_BYTES: Final = 1024 * 1024
_MAX_CHAINS: Final = 512
_MAX_FILES: Final = 4096

Word = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z .+_~-]{0,63}$")]
Chain = Annotated[tuple[Digest, ...], Field(min_length=1, max_length=127)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PassportRelease(_Strict):
    """The installed release."""

    product_version: Version
    release_seq: Annotated[int, Field(ge=1, le=2**31)]


class PassportEngine(_Strict):
    """The container engine and how it keeps images."""

    name: Word
    version: Word
    store: Word


class PassportFile(_Strict):
    """A file of an installed model, as it was read for this passport."""

    digest: Digest
    size_bytes: BlobBytes


class Passport(_Strict):
    """What a host has."""

    product: Literal["anechoic"] = "anechoic"
    kind: Literal["passport"] = "passport"
    format: Literal[1] = 1
    written: Time
    release: PassportRelease | None
    """None where nothing is installed."""
    engine: PassportEngine
    chains: Annotated[tuple[Chain, ...], Field(max_length=_MAX_CHAINS)]
    """The layers of each of our images in the engine, as diff IDs, bottom first; a
    layer counts only on top of the same layers."""
    model_files: Annotated[tuple[PassportFile, ...], Field(max_length=_MAX_FILES)]

    def to_json(self) -> bytes:
        """Return the file: indented, so that people can read it."""
        value = self.model_dump(mode="json")
        return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("ascii")


def parse_passport(data: bytes) -> Passport:
    """Read a passport that a stranger may have written.

    Raises:
        PassportError: too long, not strict JSON, or anything but a passport.
    """
    try:
        value = parse_json(data, limit_bytes=PASSPORT_LIMIT_BYTES)
        return Passport.model_validate_json(canonical_json(value))
    except MalformedJsonError as error:
        raise PassportError(str(error)) from error
    except (ValidationError, ValueError) as error:
        raise PassportError(first_problem(error)) from error


def read_passport(path: Path) -> bytes:
    """Read the file, never more than the limit and never from a pipe or device.

    Raises:
        PassportError: it is too long, no plain file, or cannot be read.
    """
    real = path.resolve()
    try:
        return read_beneath(real.parent, real.name, limit_bytes=PASSPORT_LIMIT_BYTES)
    except (ForbiddenFileError, ValueError) as error:
        raise PassportError(f"{path}: {error}") from error
    except OSError as error:
        raise PassportError(f"{path}: {error.strerror}") from error
