"""Values of licensing objects as JSON that people can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final

from offline_license.dates import iso

__all__ = ["flat", "plain"]

_TIMES: Final = frozenset(
    {
        "announced_at",
        "at",
        "cutoff",
        "effective_at",
        "exp",
        "iat",
        "max_build_date",
        "naf",
        "nbf",
        "proved_s",
        "since_s",
        "term",
        "until_s",
        "wall_s",
        "withdrawn",
    }
)


def plain(value: object, name: str = "") -> Any:  # noqa: ANN401, PLR0911 - JSON
    """Return a value as JSON: bytes in hexadecimal, times as dates, nothing absent.

    Args:
        value: a dataclass, or what stands in one.
        name: of the field; says whether a number is a time.
    """
    match value:
        case Enum():
            return value.name.lower()
        case bytes():
            return value.hex()
        case int() if name in _TIMES:
            return iso(value)
        case Mapping():
            return {str(plain(key)): plain(one) for key, one in value.items()}
        case tuple() | list() | frozenset():
            return [plain(one) for one in value]
        case _ if is_dataclass(value):
            named = {f.name: getattr(value, f.name) for f in fields(value)}
            return {k: plain(v, k) for k, v in named.items() if not _absent(v)}
        case _:
            return value


def flat(value: object, name: str = "") -> dict[str, str]:
    """Return nested JSON as one line for each value, named by its path."""
    match value:
        case dict():
            parts = [
                flat(one, f"{name}.{key}" if name else key)
                for key, one in value.items()
            ]
        case list() if any(isinstance(one, dict | list) for one in value):
            parts = [flat(one, f"{name}[{at}]") for at, one in enumerate(value)]
        case list():
            return {name: ", ".join(map(str, value))}
        case _:
            return {name: str(value)}
    return {key: one for part in parts for key, one in part.items()}


def _absent(value: object) -> bool:
    return value is None or value in ((), b"")
