"""Reports of one ledger, in any order, with gaps and overlaps: each day counts once."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from offline_license.checkpoint import Stamp, genesis
from offline_license.keys import public_bytes
from offline_license.ledger import Writer
from offline_license.ledger_days import add_row, close_days
from offline_license.report import Level, Report, sign_report, verify_report
from offline_license.report_intake import Verdict, take_in
from offline_license.report_make import gather
from offline_license.tolerances import DAY_S
from offline_license.usage import Mode, Outcome, Totals, UsageRow
from tests.support.licensing import IAT, test_key

KEY = test_key("orders")
PUBLIC = public_bytes(KEY)
DAYS = 7


@cache
def ledger(branch: int = 0) -> tuple[bytes, tuple[int, ...]]:
    """Return the slots of a week, and the place behind each day.

    From the fourth day on another branch has other numbers, as a clone would.
    """
    slots, places, mark = b"", [0], genesis(PUBLIC)
    for day in range(DAYS):
        writer = Writer(mark, boot=1)
        t = IAT + day * DAY_S
        amount = 10**day * (1 + branch * (day > 3))
        row = UsageRow(t, bytes(8), Mode.BATCH, 0, Outcome.SERVED, 9, amount, 0, 1)
        close_days(writer, [add_row(writer, row, bytes(16))])
        stamp = Stamp(wall_s=t, proved_s=t, boot=1, flags=0, closed=day)
        slots += writer.seal(stamp, KEY)
        mark = writer.mark
        places.append(mark.index)
    return slots, tuple(places)


@cache
def report(first: int, last: int, branch: int = 0) -> Report:
    """Return the report of the days from ``first`` up to ``last``, from 0."""
    slots, places = ledger(branch)
    width = len(slots) // places[-1]
    evidence = gather(
        slots[: places[last] * width],
        PUBLIC,
        since=places[first],
        level=Level.DAILY,
        license_=None,
    )
    return verify_report(sign_report(evidence, KEY), PUBLIC)


SPANS = st.lists(
    st.tuples(st.integers(0, DAYS - 1), st.integers(1, DAYS)).filter(
        lambda span: span[0] < span[1]
    ),
    min_size=1,
    max_size=8,
)


@given(SPANS)
def test_each_day_is_counted_once_whatever_arrives_when(
    spans: list[tuple[int, int]],
) -> None:
    account, fresh = None, Totals()
    for span in spans:
        taken = take_in(account, report(*span))
        account, fresh = taken.account, fresh + taken.fresh
        assert taken.verdict is not Verdict.FORK

    days = {day for first, last in spans for day in range(first, last)}
    assert account is not None
    assert account.totals.audio_ms == sum(10**day for day in days)
    assert fresh == account.totals


@given(SPANS, SPANS)
def test_a_clone_is_seen_as_soon_as_both_ways_were_told(
    spans: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    """Whichever way was told first is the known one; the other is a fork."""
    account = take_in(None, report(0, DAYS)).account
    for span in spans:
        account = take_in(account, report(*span)).account

    for first, last in others:
        taken = take_in(account, report(first, last, branch=1))
        assert (taken.verdict is Verdict.FORK) is (last > 4)
        assert taken.account.totals == account.totals
