"""Rows of usage and their sums."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.dates import LATEST_S
from offline_license.fields import LARGEST_UINT
from offline_license.tolerances import HOUR_S
from offline_license.usage import Mode, Outcome, Totals, UsageRow, merge_rows
from tests.support.ledgers import MIDNIGHT, row

rows = st.builds(
    UsageRow,
    hour_s=st.integers(MIDNIGHT, MIDNIGHT + 3 * HOUR_S),
    model=st.sampled_from([b"model-01", b"model-02"]),
    mode=st.sampled_from(Mode),
    features=st.integers(0, 3),
    outcome=st.sampled_from(Outcome),
    requests=st.integers(0, 100),
    audio_ms=st.integers(0, 10**9),
    chars=st.integers(0, 10**6),
    peak_streams=st.integers(0, 64),
)


def test_a_row_belongs_to_its_hour() -> None:
    assert row(hour_s=MIDNIGHT + 3_599).hour_s == MIDNIGHT


@pytest.mark.parametrize(
    "change",
    [
        {"hour_s": -1},
        {"hour_s": LATEST_S + 1},
        {"model": b"short"},
        {"features": 2**32},
        {"requests": -1},
        {"audio_ms": LARGEST_UINT + 1},
        {"chars": True},
    ],
    ids=str,
)
def test_a_number_outside_its_range_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        row(**change)


@given(st.lists(rows))
def test_merging_keeps_every_sum(batch: list[UsageRow]) -> None:
    merged = merge_rows(batch)

    assert Totals.of(merged) == Totals.of(batch)
    assert len({one.key for one in merged}) == len(merged)


def test_totals_count_requests_by_their_outcome() -> None:
    totals = Totals.of([row(), row(outcome=Outcome.FAILED, requests=3, peak_streams=9)])

    assert asdict(totals) == {
        "served": 10,
        "refused": 0,
        "failed": 3,
        "canceled": 0,
        "audio_ms": 120_000,
        "chars": 1_800,
        "peak_streams": 9,
    }
    assert totals.requests == 13
    assert totals.counters() == ((1, 13), (2, 10), (3, 120_000), (4, 1_800))


def test_a_sum_stays_inside_what_a_record_holds() -> None:
    most = row(audio_ms=LARGEST_UINT)

    assert (most + most).audio_ms == LARGEST_UINT
    assert (Totals.of([most]) + Totals.of([most])).audio_ms == LARGEST_UINT
