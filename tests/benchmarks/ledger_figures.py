"""The usage ledger: how fast it writes, and how much room it takes."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from appliance.license_proxy.book import Moment, open_book
from appliance.usage_wire import UsageBatch
from offline_license.checkpoint import Stamp, genesis
from offline_license.keys import public_bytes
from offline_license.ledger import SLOT_BYTES, Writer, read_ledger
from offline_license.ledger_days import add_row
from offline_license.ledger_schema import encode_record
from offline_license.report import Level, verify_report
from offline_license.tolerances import HOUR_S
from offline_license.usage import Mode, Outcome, UsageRow
from tests.benchmarks.harness import Figure, seconds_per_call
from tests.support.ledgers import INSTALL_PUBLIC, Ledger
from tests.support.licensing import IAT, test_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KEY = test_key("ledger")
_ROWS: Final = 200
_ROWS_AN_HOUR: Final = 5
_HOURS_A_YEAR: Final = 24 * 365


def ledger_figures() -> Iterator[Figure]:
    """Measure appends, durable batches, reading, and bytes."""
    public = public_bytes(_KEY)
    batch_s = seconds_per_call(lambda: _sealed(_ROWS))
    yield Figure("ledger appends, 200 and a checkpoint", _ROWS / batch_s, "records/s")
    slots = _sealed(_ROWS)
    read_s = seconds_per_call(lambda: list(read_ledger(slots, genesis(public), public)))
    yield Figure("ledger records read and checked", (_ROWS + 1) / read_s, "records/s")
    with tempfile.TemporaryDirectory() as folder:
        taking = _Taking(Path(folder))
        taking_s = seconds_per_call(taking)
        waited_s = _wall_s(taking)
    yield Figure("usage batches taken, CPU", 1 / taking_s, "batches/s")
    yield Figure("usage batches on the disk, fsync each", 1 / waited_s, "batches/s")
    row = encode_record(_written(Writer(genesis(public), boot=1)).records[0])
    yield Figure("a row of usage", len(row), "bytes")
    yield Figure("its slot on the disk", SLOT_BYTES, "bytes a record", "<= 200")
    records = _HOURS_A_YEAR * (_ROWS_AN_HOUR + 1) + 365
    yield Figure("a year of 5 rows an hour", records * SLOT_BYTES / 1e6, "MB")
    yield from _reports()


def _reports() -> Iterator[Figure]:
    """A month of two rows an hour, as its officer and the vendor get it."""
    month = Ledger.of_hours(24 * 30)
    for level in Level:
        report = month.report(level)
        proved_s = seconds_per_call(partial(verify_report, report, INSTALL_PUBLIC))
        yield Figure(f"report of a month, {level.value}", len(report) / 1e3, "kB")
        yield Figure(f"verify it, {level.value}", proved_s * 1e3, "ms")


def _wall_s(call: Callable[[], object], calls: int = 100) -> float:
    """Return the wall time of a call that waits for a disk."""
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls


def _row(number: int) -> UsageRow:
    return UsageRow(
        hour_s=IAT,
        model=number.to_bytes(8, "big"),
        mode=Mode.BATCH,
        features=3,
        outcome=Outcome.SERVED,
        requests=1_000,
        audio_ms=36_000_000,
        chars=500_000,
        peak_streams=8,
    )


def _written(writer: Writer, rows: int = 1) -> Writer:
    for number in range(rows):
        add_row(writer, _row(number), bytes(16))
    return writer


def _sealed(rows: int) -> bytes:
    """Return the slots of one batch."""
    writer = _written(Writer(genesis(public_bytes(_KEY)), boot=1), rows)
    stamp = Stamp(wall_s=IAT, proved_s=IAT, boot=1, flags=0, closed=1)
    return writer.seal(stamp, _KEY)


class _Taking:
    """Takes one batch of five rows after the other, durably."""

    def __init__(self, folder: Path) -> None:
        now = Moment(t_s=IAT + HOUR_S, wall_s=IAT, proved_s=IAT, run_s=1, boot_id="b")
        self._book = open_book(folder, _KEY, now)
        self._number = 0

    def __call__(self) -> None:
        self._number += 1
        rows = tuple(_row(number) for number in range(_ROWS_AN_HOUR))
        self._book.add(UsageBatch("api-1", bytes(8), self._number, rows))
