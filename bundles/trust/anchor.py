"""The trust anchor: a small file that reaches the site apart from the medium.

It carries the root of trust for releases (TUF root metadata) and the root of trust for
licenses (bytes that only ``offline_license`` understands), and has a fingerprint that
two people can compare by telephone.  Whoever controls it controls the host, so it is
pinned at the first install.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError

from bundles.errors import AnchorError
from bundles.strict_json import (
    JsonValue,
    MalformedJsonError,
    canonical_json,
    parse_json,
)
from bundles.timestamps import from_rfc3339, to_rfc3339

__all__ = ["ANCHOR_LIMIT_BYTES", "TrustAnchor"]

ANCHOR_LIMIT_BYTES: Final = 600_000
_MAX_LICENSE_ANCHOR_BYTES: Final = 16_384
_KIND: Final = "anechoic trust anchor"
_FINGERPRINT_BYTES: Final = 15
_GROUP: Final = 4
_READ_ALOUD: Final = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """Roots of trust of one vendor.

    ``root`` is signed TUF root metadata in canonical JSON, ``license_anchor`` the CBOR
    of the license roots, ``created`` the earliest time a clock can truthfully show.
    """

    root: bytes = field(repr=False)
    license_anchor: bytes = field(repr=False)
    created: datetime

    def __post_init__(self) -> None:
        """Refuse a root that does not verify by itself."""
        _check_root(self.root)
        if not 0 < len(self.license_anchor) <= _MAX_LICENSE_ANCHOR_BYTES:
            raise AnchorError("expected a license anchor, found none or a huge one")

    @property
    def root_version(self) -> int:
        """Version of the root metadata."""
        return _check_root(self.root).version

    @property
    def fingerprint(self) -> str:
        """Six groups of four letters and digits (no I, L, O, U) to read aloud.

        120 bits of SHA-256 over everything in the anchor that matters.
        """
        digest = hashlib.sha256(
            hashlib.sha256(self.root).digest()
            + hashlib.sha256(self.license_anchor).digest()
            + to_rfc3339(self.created).encode()
        ).digest()
        code = base64.b32encode(digest[:_FINGERPRINT_BYTES]).translate(_READ_ALOUD)
        text = code.decode()
        return " ".join(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))

    def to_json(self) -> bytes:
        """Return the file: one line of canonical JSON."""
        value: dict[str, JsonValue] = {
            "kind": _KIND,
            "version": 1,
            "created": to_rfc3339(self.created),
            "fingerprint": self.fingerprint,
            "license_anchor": self.license_anchor.hex(),
            "root": parse_json(self.root, limit_bytes=ANCHOR_LIMIT_BYTES),
        }
        return canonical_json(value) + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read the file.

        Raises:
            AnchorError: any other bytes, or a fingerprint that does not belong.
        """
        try:
            value = parse_json(data, limit_bytes=ANCHOR_LIMIT_BYTES)
            anchor, fingerprint = cls._from_value(value)
        except (MalformedJsonError, ValueError) as error:
            raise AnchorError(f"trust anchor: {error}") from error
        if anchor.fingerprint != fingerprint:
            message = f"expected the fingerprint {anchor.fingerprint}"
            raise AnchorError(f"trust anchor: {message}, found {fingerprint}")
        return anchor

    @classmethod
    def _from_value(cls, value: JsonValue) -> tuple[Self, str]:
        match value:
            case {
                "kind": str(kind),
                "version": 1,
                "created": str(created),
                "fingerprint": str(fingerprint),
                "license_anchor": str(license_anchor),
                "root": dict(root),
                **others,
            } if kind == _KIND and not others:
                anchor = cls(
                    canonical_json(root),
                    bytes.fromhex(license_anchor),
                    from_rfc3339(created),
                )
                return anchor, fingerprint
        raise ValueError(f"expected a {_KIND} of version 1")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the anchor file at ``path``.

        Raises:
            AnchorError: it cannot be read, or is no anchor.
        """
        try:
            with path.open("rb") as stream:
                data = stream.read(ANCHOR_LIMIT_BYTES + 1)
        except OSError as error:
            raise AnchorError(f"{path}: {error.strerror}") from error
        return cls.from_json(data)


def _check_root(data: bytes) -> Root:
    try:
        metadata = Metadata[Root].from_bytes(data)
        if not isinstance(metadata.signed, Root):
            raise AnchorError("trust anchor: expected root metadata")
        metadata.signed.verify_delegate(
            Root.type, metadata.signed_bytes, metadata.signatures
        )
    except (RepositoryError, DeserializationError, ValueError) as error:
        raise AnchorError(f"trust anchor: {error}") from error
    return metadata.signed
