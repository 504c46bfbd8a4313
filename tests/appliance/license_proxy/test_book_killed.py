"""A real process on a real disk, killed while it counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from appliance.license_proxy.book import open_book
from appliance.license_proxy.moment import Moment
from offline_license.ledger import first_bad
from offline_license.report import Level, verify_report
from tests.support.ledgers import INSTALL_KEY, INSTALL_PUBLIC, MIDNIGHT

ROOT = Path(__file__).parents[3]
COUNT = """
import sys
from pathlib import Path
from appliance.license_proxy.book import open_book
from appliance.license_proxy.moment import Moment
from appliance.usage_wire import UsageBatch
from tests.support.ledgers import INSTALL_KEY, MIDNIGHT, row

def now(second):
    t = MIDNIGHT + second
    return Moment(t, t, t, second, "boot")

book = open_book(Path(sys.argv[1]), INSTALL_KEY, now(0))
for number in range(1, 10_000):
    book.tick(now(600 * number))
    rows = (row(hour_s=MIDNIGHT + 600 * number),)
    print(book.add(UsageBatch("api-1", bytes(8), number, rows)), flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 20, 137])
def test_a_killed_program_keeps_what_it_acknowledged(
    tmp_path: Path, acknowledged: int
) -> None:
    program = [sys.executable, "-c", COUNT, str(tmp_path)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(acknowledged)]
        child.kill()
        told += child.stdout.readlines()

    t = MIDNIGHT + 10**6
    book = open_book(tmp_path, INSTALL_KEY, Moment(t, t, t, 10**6, "boot"))
    report = verify_report(book.report(Level.HOURLY), INSTALL_PUBLIC)

    assert report.totals.requests // 10 in {len(told), len(told) + 1}
    assert first_bad((tmp_path / "records").read_bytes(), INSTALL_PUBLIC) is None
