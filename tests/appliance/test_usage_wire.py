"""Batches of usage: numbers only, read strictly."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.usage_wire import MOST_BYTES, MOST_ROWS, UsageBatch
from offline_license.dates import LATEST_S
from offline_license.errors import DecodeError
from offline_license.usage import LARGEST_UINT32, Mode, Outcome, UsageRow

ROW = UsageRow(3600, bytes(8), Mode.LIVE, 3, Outcome.SERVED, 1, 2, 3, 4)
BATCH = UsageBatch("api-1", bytes(range(8)), 7, (ROW, replace(ROW, features=0)))


def wire(batch: UsageBatch = BATCH, **changes: object) -> bytes:
    return json.dumps({**batch.to_json(), **changes}).encode()


def wire_row(**changes: object) -> bytes:
    return wire(rows=[{**BATCH.to_json()["rows"][0], **changes}])


def test_a_batch_survives_the_wire() -> None:
    assert UsageBatch.from_json(wire()) == BATCH


def test_a_newer_minor_version_is_read() -> None:
    assert UsageBatch.from_json(wire(version=[1, 9], more="than we know")) == BATCH


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b" " * (MOST_BYTES + 1),
        wire(version=[2, 0]),
        wire(version=1),
        wire(instance="two words"),
        wire(instance=7),
        wire(run="00"),
        wire(number=-1),
        wire(number=True),
        wire(number=1.0),
        wire(rows=None),
        wire(rows=[1]),
        wire(rows=[None] * (MOST_ROWS + 1)),
        wire_row(model="a model's name!!"),
        wire_row(mode=9),
        wire_row(outcome="SERVED"),
        wire_row(chars=1 << 53),
        wire_row(hour_s="now"),
    ],
    ids=range(22),
)
def test_a_strange_batch_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        UsageBatch.from_json(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:  # noqa: ANN401 - anything
    with pytest.raises(DecodeError):
        UsageBatch.from_json(json.dumps(value).encode())


def test_each_process_is_a_source_of_its_own() -> None:
    assert BATCH.source != replace(BATCH, run=bytes(8)).source
    assert BATCH.source != replace(BATCH, instance="api-2").source


def test_the_largest_batch_fits_the_wire() -> None:
    most = (1 << 53) - 1
    small = LARGEST_UINT32
    row = UsageRow(
        hour_s=LATEST_S,
        model=b"\xff" * 8,
        mode=Mode.LIVE,
        features=small,
        outcome=Outcome.CANCELED,
        requests=most,
        audio_ms=most,
        chars=most,
        peak_streams=small,
    )

    assert len(wire(replace(BATCH, rows=(row,) * MOST_ROWS))) <= MOST_BYTES
