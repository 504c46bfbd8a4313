"""JSON as it is read from a file that anybody may have edited.

Python's reader accepts more than one meaning can be given to: a repeated key, NaN,
numbers that lose digits. Here they are refused.
"""

from __future__ import annotations

import json
from typing import Never, TypeAlias

from offline_license.errors import ReportError

__all__ = ["JsonValue", "read_json", "write_json"]

JsonValue: TypeAlias = (
    "dict[str, JsonValue] | list[JsonValue] | str | int | bool | None"
)


def read_json(data: bytes) -> JsonValue:
    """Read one JSON value of whole numbers, text, arrays and objects.

    Raises:
        ReportError: it is none, or has a repeated key or another kind of number.
    """
    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as error:
        raise ReportError("expected plain JSON, found something else") from error
    return value


def write_json(value: JsonValue) -> bytes:
    """Write a value for people: indented, in ASCII, with a final line break."""
    return (json.dumps(value, indent=1) + "\n").encode("ascii")


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(number: str) -> Never:
    raise ValueError(f"a number like {number[:20]} is no whole number")
