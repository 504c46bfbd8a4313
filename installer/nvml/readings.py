"""One typed reading per fact: a value, "not supported", or "failed because".

A zero is drawn only when zero was measured. Whatever could not be read keeps
the reason, in words a person can act on, all the way to the screen. The three
classes carry differently named fields, so JSON needs no tag to tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """What was read."""

    value: T


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The hardware or the driver does not offer this fact; the text says which."""

    unsupported: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The fact should be there and could not be read; the text says why."""

    failed: str


Reading: TypeAlias = Value[T] | Unsupported | Failed


def value_or(reading: Reading[T], default: T) -> T:
    """Return the value, or `default` where there is none."""
    return reading.value if isinstance(reading, Value) else default


def reason(reading: Reading[T]) -> str:
    """Say in words why there is no value; empty where there is one."""
    match reading:
        case Unsupported(text) | Failed(text):
            return text
        case Value():
            return ""
