"""Strict JSON for frozen dataclasses, with the standard library alone.

A field that is missing, unknown or of another type is refused by its path, so that a gateway
and a worker of different releases disagree loudly. Supported fields: str, bool, int, float,
`X | None`, `tuple[X, ...]` and other dataclasses.
"""

import dataclasses
import functools
import json
import math
import types
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


class WireError(ValueError):
    """The bytes are not the JSON of the expected dataclass; the message has no values."""


def dumps(value: object) -> bytes:
    """Write a dataclass instance as compact JSON in UTF-8."""
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"expected a dataclass instance, found {type(value).__name__}")
    fields = dataclasses.asdict(value)
    text = json.dumps(
        fields, allow_nan=False, ensure_ascii=False, separators=(",", ":")
    )
    return text.encode()


def loads(kind: type[_T], data: bytes) -> _T:
    """Read a dataclass instance back.

    Raises:
        WireError: not JSON, or not exactly the fields of `kind`.
    """
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WireError(f"{kind.__name__} is not JSON") from error
    loaded: _T = _read(kind, parsed, kind.__name__)
    return loaded


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401
    """Check `value` against the annotation `kind` and build what it describes."""
    if isinstance(kind, types.UnionType):
        inner = next(arm for arm in get_args(kind) if arm is not types.NoneType)
        return None if value is None else _read(inner, value, path)
    if get_origin(kind) is tuple:
        return _read_tuple(get_args(kind)[0], value, path)
    if dataclasses.is_dataclass(kind):
        return _read_fields(kind, value, path)
    return _read_scalar(kind, value, path)


def _read_tuple(kind: Any, value: Any, path: str) -> tuple[Any, ...]:  # noqa: ANN401
    if not isinstance(value, list):
        raise WireError(f"{path} is not a list")
    return tuple(_read(kind, item, f"{path}[{at}]") for at, item in enumerate(value))


def _read_fields(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        raise WireError(f"{path} is not an object")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if unknown := sorted(set(value) - set(fields)):
        raise WireError(f"{path} has an unknown field {unknown[0][:40]!r}")
    required = {n for n, f in fields.items() if f.default is dataclasses.MISSING}
    if missing := sorted(required - set(value)):
        raise WireError(f"{path} lacks the field {missing[0]!r}")
    hints = _hints(kind)
    read = {name: _read(hints[name], value[name], f"{path}.{name}") for name in value}
    try:
        return kind(**read)
    except ValueError as error:
        raise WireError(f"{path}: {error}") from error


def _read_scalar(kind: Any, value: Any, path: str) -> Any:  # noqa: ANN401
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise WireError(f"{path} is not {kind.__name__}")
    if kind is float and not math.isfinite(value):
        raise WireError(f"{path} is not finite")
    return value
