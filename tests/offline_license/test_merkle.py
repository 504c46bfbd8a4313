"""The tree over the rows of a day."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.merkle import leaf_hash, root_hash

records = st.lists(st.binary(max_size=8), min_size=1, max_size=20)


def root(data: list[bytes]) -> bytes:
    return root_hash([leaf_hash(one) for one in data])


def test_a_tree_of_three_is_split_after_two() -> None:
    """The shape of RFC 9162, with the domain bytes of the ledger."""

    def node(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\x04" + left + right).digest()

    a, b, c = (hashlib.sha256(b"\x03" + one).digest() for one in (b"a", b"b", b"c"))

    assert root([b"a", b"b", b"c"]) == node(node(a, b), c)


@given(one=records, other=records)
def test_two_lists_of_records_never_share_a_root(
    one: list[bytes], other: list[bytes]
) -> None:
    assert (root(one) == root(other)) == (one == other)


def test_a_tree_has_a_leaf() -> None:
    with pytest.raises(ValueError, match="leaf"):
        root_hash([])
