"""Read the bodies of requests: bounded, strict, and with typed refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from offline_license.errors import DecodeError

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["MOST_BYTES", "read_body", "read_number", "read_text"]

MOST_BYTES = 4096
"""Bytes of a question; only usage has more."""


async def read_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """Read a body up to a cap and one byte more, so that what is longer shows."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            break
    return body[: most + 1]


def read_text(body: bytes, name: str) -> str:
    """Return a member of a JSON object that is text.

    Raises:
        DecodeError: there is none.
    """
    found = _member(body, name)
    if not isinstance(found, str):
        raise DecodeError(f"expected a {name} that is text")
    return found


def read_number(body: bytes, name: str, most: int) -> int:
    """Return a member of a JSON object that is a whole number.

    Raises:
        DecodeError: there is none, or it is not from 0 to ``most``.
    """
    found = _member(body, name)
    if type(found) is not int or not 0 <= found <= most:
        raise DecodeError(f"expected a {name} from 0 to {most}")
    return found


def _member(body: bytes, name: str) -> object:
    try:
        return json.loads(body)[name]
    except (ValueError, RecursionError, KeyError, TypeError, IndexError) as error:
        raise DecodeError(f"expected a JSON object with a {name}") from error
