"""The kinds of fields that a record of the ledger can have.

A number, a time, one of a fixed list of choices, or bytes of a fixed size. There is no
kind that holds text: what is not in this file cannot be written into the ledger.
Each kind can ``check`` a value (SchemaError where it is of another type or out of
range), ``show`` it as JSON for people, and ``read`` that again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from offline_license.dates import LATEST_S, from_iso, iso
from offline_license.errors import SchemaError
from offline_license.fields import LARGEST_UINT, uint

if TYPE_CHECKING:
    from enum import IntEnum

__all__ = ["Choice", "Field", "Instant", "Number", "Octets", "Scalar", "Uint"]

Scalar: TypeAlias = "int | bytes"


@dataclass(frozen=True, slots=True)
class Uint:
    """A whole number from 0 on."""

    name: str
    most: int = LARGEST_UINT

    def check(self, value: object) -> int:
        """Return a number in range."""
        return uint(value, self.name, self.most)

    def show(self, value: Scalar) -> int:
        """Return the number."""
        return self.check(value)

    def read(self, shown: object) -> int:
        """Return the number."""
        return self.check(shown)


@dataclass(frozen=True, slots=True)
class Instant:
    """A time in seconds UTC, shown as ISO 8601."""

    name: str

    def check(self, value: object) -> int:
        """Return a time that a calendar can show."""
        return uint(value, self.name, LATEST_S)

    def show(self, value: Scalar) -> str:
        """Return ``2027-10-01T12:00:00Z``."""
        return iso(self.check(value))

    def read(self, shown: object) -> int:
        """Return the seconds."""
        return self.check(from_iso(_text(shown, self.name)))


@dataclass(frozen=True, slots=True)
class Choice:
    """A member of a fixed list, shown by its name in lower case."""

    name: str
    members: type[IntEnum]

    def check(self, value: object) -> int:
        """Return a number of the list; its members pass as what they stand for."""
        number = int(value) if isinstance(value, self.members) else value
        return uint(number, self.name, max(self.members))

    def show(self, value: Scalar) -> str:
        """Return the name of the member."""
        return self.members(self.check(value)).name.lower()

    def read(self, shown: object) -> int:
        """Return the number of the member."""
        for member in self.members:
            if shown == member.name.lower():
                return int(member)
        raise SchemaError(f"{self.name}: expected one of the known words")


@dataclass(frozen=True, slots=True)
class Octets:
    """Bytes of one size, shown as hexadecimal digits."""

    name: str
    size: int

    def check(self, value: object) -> bytes:
        """Return bytes of the size."""
        if not isinstance(value, bytes) or len(value) != self.size:
            raise SchemaError(f"{self.name}: expected {self.size} bytes")
        return value

    def show(self, value: Scalar) -> str:
        """Return the digits."""
        return self.check(value).hex()

    def read(self, shown: object) -> bytes:
        """Return the bytes."""
        try:
            return self.check(bytes.fromhex(_text(shown, self.name)))
        except ValueError as error:
            raise SchemaError(f"{self.name}: expected hexadecimal digits") from error


Number: TypeAlias = "Uint | Instant | Choice"
Field: TypeAlias = "Number | Octets"


def _text(shown: object, name: str) -> str:
    if not isinstance(shown, str):
        raise SchemaError(f"{name}: expected text in quotes")
    return shown
