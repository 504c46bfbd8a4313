"""The license anchor: the root keys that everything else is traced to.

It is a key set of its own, apart from the root of the releases, compiled into every
image and pinned on the host. Two of three keys must agree to change anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from offline_license import cbor
from offline_license.errors import SchemaError
from offline_license.fields import Fields
from offline_license.keys import KEY_BYTES, check_public_key, key_id

__all__ = ["LicenseAnchor"]

_NAMES = {1: "schema", 2: "threshold", 3: "root keys"}
_MAX_ROOTS = 16


@dataclass(frozen=True, slots=True)
class LicenseAnchor:
    """Public root keys of 32 bytes each, sorted, and how many must sign."""

    root_keys: tuple[bytes, ...]
    threshold: int

    def __post_init__(self) -> None:
        if not 1 <= self.threshold <= len(self.root_keys) <= _MAX_ROOTS:
            raise SchemaError(
                f"anchor: expected a threshold from 1 to {len(self.root_keys)} keys, "
                f"found {self.threshold}"
            )
        if len(set(self.root_keys)) != len(self.root_keys):
            raise SchemaError("anchor: expected every root key once")
        for public in self.root_keys:
            check_public_key(public)

    @property
    def by_kid(self) -> dict[bytes, bytes]:
        """The root keys by their 8-byte names."""
        return {key_id(public): public for public in self.root_keys}

    def to_value(self) -> dict[int, cbor.Value]:
        """Return the map that files carry."""
        return {1: 1, 2: self.threshold, 3: [*sorted(self.root_keys)]}

    @classmethod
    def from_value(cls, value: object) -> LicenseAnchor:
        """Read the map.

        Raises:
            LicenseError: it is no acceptable anchor.
        """
        fields = Fields.nested(value, _NAMES)
        fields.exactly(1, 1)
        return cls(fields.many_octets(3, KEY_BYTES), fields.uint(2, _MAX_ROOTS))

    def to_bytes(self) -> bytes:
        """Return the anchor file: deterministic CBOR."""
        return cbor.encode(self.to_value())

    @classmethod
    def from_bytes(cls, data: bytes) -> LicenseAnchor:
        """Read the anchor file.

        Raises:
            LicenseError: it is no acceptable anchor.
        """
        return cls.from_value(cbor.decode(data))

    def to_hex(self) -> str:
        """Return the anchor file as hexadecimal text, for JSON carriers."""
        return self.to_bytes().hex()

    @classmethod
    def from_hex(cls, text: str) -> LicenseAnchor:
        """Read an anchor from hexadecimal text.

        Raises:
            LicenseError: it is no acceptable anchor.
        """
        try:
            data = bytes.fromhex(text)
        except ValueError as error:
            raise SchemaError("anchor: expected hexadecimal text") from error
        return cls.from_bytes(data)
