import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.strict_json import MalformedJsonError, canonical_json, parse_json

LIMIT = 100_000
scalars = (
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"))
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
    ),
)


@given(values)
def test_what_is_written_is_read_back(value: object) -> None:
    assert parse_json(canonical_json(value), limit_bytes=1 << 24) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused_but_never_crash(data: bytes) -> None:
    with contextlib.suppress(MalformedJsonError):
        parse_json(data, limit_bytes=LIMIT)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a":1,"a":2}', "'a' twice"),
        (b'[{"x":{"b":1,"b":1}}]', "'b' twice"),
        (b"NaN", "found NaN"),
        (b"[-Infinity]", "found -Infinity"),
        (b"\xff", "expected JSON"),
        (b"\xef\xbb\xbf{}", "expected JSON"),
        (b"{} {}", "expected JSON"),
        (b"", "expected JSON"),
        (b"[" * 60_000, "expected JSON"),
        (b"1" * 5000, "expected JSON"),
    ],
)
def test_loose_json_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedJsonError, match=reason):
        parse_json(data, limit_bytes=LIMIT)


def test_a_text_over_the_limit_is_not_even_decoded() -> None:
    with pytest.raises(MalformedJsonError, match="at most 3 bytes, found 4"):
        parse_json(b"\xff\xff\xff\xff", limit_bytes=3)


def test_canonical_json_sorts_keys_and_has_no_spaces() -> None:
    assert canonical_json({"b": [1, 2], "a": "é"}) == b'{"a":"\\u00e9","b":[1,2]}'
