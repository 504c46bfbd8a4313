"""A Merkle tree over records, so that some can be shown and others only counted.

Leaves and inner nodes are hashed with different first bytes, and a tree of n leaves is
split at the largest power of two below n: no two lists of leaves share a root.

Source: RFC 9162 section 2.1.1, with the domain bytes 0x03 and 0x04, because 0x00 and
0x02 belong to the chains of the ledger.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["leaf_hash", "root_hash"]

_LEAF, _NODE = b"\x03", b"\x04"


def leaf_hash(record: bytes) -> bytes:
    """Return the 32 bytes that stand for one record."""
    return hashlib.sha256(_LEAF + record).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the 32 bytes that stand for these leaves in this order; at least one.

    Raises:
        ValueError: there is no leaf.
    """
    if not leaves:
        raise ValueError("expected at least one leaf")
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = root_hash(leaves[:split]), root_hash(leaves[split:])
    return hashlib.sha256(_NODE + left + right).digest()
