"""A trust update as a file: signed metadata and the small licensing files, no payload.

The same form keeps, on a host, the newest metadata that it has trusted, so that it can
vouch for media that are older.  Reading the form verifies nothing; only what TUF has
accepted from it is ever used.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from bundles.errors import TrustUpdateError
from bundles.strict_json import (
    JsonValue,
    MalformedJsonError,
    canonical_json,
    parse_json,
)
from bundles.trust.inspect import root_version, version_of

__all__ = ["UPDATE_LIMIT_BYTES", "TrustUpdate"]

UPDATE_LIMIT_BYTES: Final = 1024 * 1024
_KIND: Final = "anechoic trust update"
_MAX_FILES: Final = 300
_METADATA: Final = re.compile(
    r"timestamp\.json|[1-9][0-9]{0,8}\.(root|snapshot|targets|licensing)\.json"
)
_LICENSING: Final = re.compile(r"licensing/[0-9a-f]{64}\.(keyset|revocations)\.cbor")


@dataclass(frozen=True, slots=True)
class TrustUpdate:
    """TUF metadata by file name, and licensing targets by hashed path."""

    metadata: Mapping[str, bytes] = field(repr=False)
    licensing: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of_verified(
        cls, files: Mapping[str, bytes], licensing: Mapping[str, bytes]
    ) -> Self:
        """Make the file from what TUF has verified.

        Args:
            files: as ``bundles.trust.state`` keeps them.
            licensing: hashed path -> content.
        """
        metadata = {}
        for name, data in files.items():
            if name.startswith("root_history/"):
                metadata[f"{root_version(name)}.root.json"] = data
            elif name == "timestamp.json":
                metadata[name] = data
            else:
                version = version_of(files, name.removesuffix(".json"))
                metadata[f"{version}.{name}"] = data
        return cls(metadata, licensing)

    def files(self) -> dict[str, bytes]:
        """Return path -> content, as they stand on a medium."""
        return {
            **{f"tuf/{name}": data for name, data in self.metadata.items()},
            **{f"release/{path}": data for path, data in self.licensing.items()},
        }

    def to_json(self) -> bytes:
        """Return the file: one line of canonical JSON."""
        value: dict[str, JsonValue] = {
            "kind": _KIND,
            "version": 1,
            "metadata": {name: data.decode() for name, data in self.metadata.items()},
            "licensing": {
                path: base64.b64encode(data).decode()
                for path, data in self.licensing.items()
            },
        }
        return canonical_json(value) + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read the file; nothing in it is believed by that.

        Raises:
            TrustUpdateError: any other bytes.
        """
        try:
            value = parse_json(data, limit_bytes=UPDATE_LIMIT_BYTES)
            return cls._from_value(value)
        except (MalformedJsonError, ValueError) as error:
            raise TrustUpdateError(f"trust update: {error}") from error

    @classmethod
    def _from_value(cls, value: JsonValue) -> Self:
        match value:
            case {
                "kind": str(kind),
                "version": 1,
                "metadata": dict(metadata),
                "licensing": dict(licensing),
                **others,
            } if kind == _KIND and not others:
                _require_names(metadata, _METADATA)
                _require_names(licensing, _LICENSING)
                return cls(
                    {name: _text(one).encode() for name, one in metadata.items()},
                    {
                        path: base64.b64decode(_text(one), validate=True)
                        for path, one in licensing.items()
                    },
                )
        raise ValueError(f"expected an {_KIND} of version 1")


def _require_names(files: Mapping[str, JsonValue], form: re.Pattern[str]) -> None:
    if len(files) > _MAX_FILES:
        raise ValueError(f"expected at most {_MAX_FILES} files, found {len(files)}")
    foreign = next((name for name in files if not form.fullmatch(name)), None)
    if foreign is not None:
        raise ValueError(f"expected only files of an update, found {foreign[:80]!r}")


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise ValueError("expected the text of a file")  # noqa: TRY004  one family
    return value
