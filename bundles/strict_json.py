"""Read JSON that others wrote, and write JSON that is equal everywhere.

Python's parser lets the last of two equal keys win, accepts NaN and follows any depth.
A reader that trusts signatures must not: two programs could read one signed text in
two ways.
"""

import json
from typing import NoReturn, TypeAlias

__all__ = ["JsonValue", "MalformedJsonError", "canonical_json", "parse_json"]

JsonValue: TypeAlias = (
    bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
)


class MalformedJsonError(ValueError):
    """The bytes are not one strict JSON value within the limit."""


def parse_json(data: bytes, *, limit_bytes: int) -> JsonValue:
    """Parse ``data`` as strict JSON.

    Args:
        data: UTF-8 without a byte order mark.
        limit_bytes: longest text that is looked at.

    Raises:
        MalformedJsonError: too long, not UTF-8, not JSON, nested too deeply, a
            duplicate key, or one of the numbers that JSON does not have.
    """
    if len(data) > limit_bytes:
        message = f"expected at most {limit_bytes} bytes, found {len(data)}"
        raise MalformedJsonError(message)
    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
        )
    except MalformedJsonError:
        raise
    except (ValueError, RecursionError) as error:
        message = f"expected JSON, found something else: {error}"
        raise MalformedJsonError(message) from error
    return value


def canonical_json(value: object) -> bytes:
    """Return the one spelling of ``value``: sorted keys, no spaces, ASCII."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return text.encode("ascii")


def _unique_keys(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    result: dict[str, JsonValue] = {}
    for key, value in pairs:
        if key in result:
            raise MalformedJsonError(f"expected unique keys, found {key!r} twice")
        result[key] = value
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJsonError(f"expected a number, found {name}")
