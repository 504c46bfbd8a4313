"""Readers for the fields of a decoded payload: a type, a range, or a SchemaError.

``type(x) is int`` everywhere: a boolean is an integer to Python, but not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from offline_license import cbor
from offline_license.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CRITICAL_BELOW", "LARGEST_UINT", "Fields", "array", "octets", "uint"]

_T = TypeVar("_T")
CRITICAL_BELOW: Final = 101
LARGEST_UINT: Final = 2**53 - 1


def uint(value: object, name: str, most: int = LARGEST_UINT) -> int:
    """Return an unsigned integer of at most ``most``."""
    if type(value) is not int or not 0 <= value <= most:
        raise SchemaError(f"{name}: expected a whole number from 0 to {most}")
    return value


def array(value: object, name: str) -> list[cbor.Value]:
    """Return an array."""
    if not isinstance(value, list):
        raise SchemaError(f"{name}: expected an array")
    return value


def octets(value: object, name: str) -> bytes:
    """Return a byte string of any size."""
    if not isinstance(value, bytes):
        raise SchemaError(f"{name}: expected bytes")
    return value


class Fields:
    """The map of one payload, read field by field.

    Keys below 101 are critical: an unknown one refuses the object. Higher ones are
    for later additions that an older program may ignore.
    """

    __slots__ = ("_map", "_names")

    def __init__(self, payload: bytes, names: dict[int, str]) -> None:
        """Decode the payload.

        Args:
            payload: deterministic CBOR, already verified where a key is known.
            names: every known key, with the name that messages use.

        Raises:
            DecodeError, TrailingError: it is no deterministic CBOR.
            SchemaError: it is no map, or has an unknown critical key.
        """
        value = cbor.decode(payload)
        if not isinstance(value, dict):
            raise SchemaError("payload: expected a map")
        self._map: dict[int, cbor.Value] = value
        self._names = names
        unknown = [key for key in value if key < CRITICAL_BELOW and key not in names]
        if unknown:
            raise SchemaError(f"payload: expected no critical keys {unknown}")

    @classmethod
    def nested(cls, value: object, names: dict[int, str]) -> Fields:
        """Read a map inside a payload by the same rules."""
        if not isinstance(value, dict):
            raise SchemaError("expected a map inside the payload")
        return cls(cbor.encode(value), names)

    def raw(self, key: int) -> cbor.Value:
        """Return a required field of any type."""
        if key not in self._map:
            raise SchemaError(f"{self._names[key]}: expected the field, found none")
        return self._map[key]

    def uint(self, key: int, most: int = LARGEST_UINT) -> int:
        """Return a required unsigned integer."""
        return uint(self.raw(key), self._names[key], most)

    def exactly(self, key: int, expected: int) -> None:
        """Hold a required unsigned integer to one value."""
        if self.uint(key) != expected:
            raise SchemaError(
                f"{self._names[key]}: expected {expected}, found {self.raw(key)!r}"
            )

    def octets(self, key: int, size: int) -> bytes:
        """Return a required byte string of exactly ``size`` bytes."""
        value = self.raw(key)
        if not isinstance(value, bytes) or len(value) != size:
            raise SchemaError(f"{self._names[key]}: expected {size} bytes")
        return value

    def some_octets(self, key: int) -> bytes:
        """Return a required byte string that is not empty, an object inside one."""
        value = self.raw(key)
        if not isinstance(value, bytes) or not value:
            raise SchemaError(f"{self._names[key]}: expected bytes")
        return value

    def text(self, key: int, most_bytes: int) -> str:
        """Return required printable text without outer blanks."""
        value = self.raw(key)
        if (
            not isinstance(value, str)
            or not 0 < len(value.encode()) <= most_bytes
            or not value.isprintable()
            or value != value.strip()
        ):
            raise SchemaError(
                f"{self._names[key]}: expected printable text of 1 to "
                f"{most_bytes} bytes without outer blanks"
            )
        return value

    def array(self, key: int) -> list[cbor.Value]:
        """Return a required array."""
        return array(self.raw(key), self._names[key])

    def uints(self, key: int, most: int = LARGEST_UINT) -> tuple[int, ...]:
        """Return a required array of unsigned integers."""
        name = self._names[key]
        return tuple(uint(one, name, most) for one in self.array(key))

    def many_octets(self, key: int, size: int) -> tuple[bytes, ...]:
        """Return a required array of byte strings of one size."""
        found = [x for x in self.array(key) if isinstance(x, bytes) and len(x) == size]
        if len(found) != len(self.array(key)):
            raise SchemaError(f"{self._names[key]}: expected items of {size} bytes")
        return tuple(found)

    def optional(self, key: int, read: Callable[[int], _T]) -> _T | None:
        """Return ``read(key)`` when the field is there."""
        return read(key) if key in self._map else None
