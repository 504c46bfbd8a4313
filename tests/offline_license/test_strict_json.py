"""JSON that means one thing only."""

from __future__ import annotations

import pytest

from offline_license.errors import ReportError
from offline_license.strict_json import JsonValue, read_json, write_json


def test_what_is_written_is_read() -> None:
    value: JsonValue = {"a": [1, "b", None, True, {"c": -1}]}

    assert read_json(write_json(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[1.5]",
        b"[1e3]",
        b"[NaN]",
        b"[Infinity]",
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b"\xff",
        b"[" * 100_000,
        b"1" * 5_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_means_more_than_one_thing_is_refused(text: bytes) -> None:
    with pytest.raises(ReportError):
        read_json(text)
