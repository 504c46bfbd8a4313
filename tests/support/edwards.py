"""The curve of Ed25519 with nothing hidden, to make signatures that nobody should make.

Slow and open about its secrets: for tests only. Points are extended coordinates
(X, Y, Z, T) as in RFC 8032 section 5.1.4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "BASE",
    "ORDER_8",
    "Forgery",
    "L",
    "P",
    "add",
    "challenge",
    "encode",
    "times",
]

Point: TypeAlias = tuple[int, int, int, int]

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P


@dataclass(frozen=True, slots=True)
class Forgery:
    """A signature with something odd about it."""

    public: bytes
    message: bytes
    signature: bytes


def _point(x: int, y: int) -> Point:
    return x, y, 1, x * y % P


def _x_of(y: int) -> int:
    """Return the even x of a point; RFC 8032 section 5.1.3."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return P - x if x & 1 else x


def add(p: Point, q: Point) -> Point:
    """Add two points."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * _D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    """Multiply a point."""
    result = _point(0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def encode(point: Point) -> bytes:
    """Encode a point in its canonical form."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def challenge(r: bytes, public: bytes, message: bytes) -> int:
    """Return the h of a verification, not reduced."""
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little")


_BASE_Y = 4 * pow(5, -1, P) % P
BASE = _point(_x_of(_BASE_Y), _BASE_Y)
_ORDER_8_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
ORDER_8 = _point(_x_of(_ORDER_8_Y), _ORDER_8_Y)
