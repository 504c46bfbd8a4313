"""The disk is full for a day or for three: speech goes on, the ledger says so later
(case 60)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance.usage_wire import UsageBatch
from offline_license.ledger_schema import RecordKind
from offline_license.report import verify_report
from offline_license.report_payload import Level
from offline_license.states import Flag, Permit, State
from offline_license.tolerances import DAY_S, HOUR_S
from offline_license.usage import Mode, Outcome, UsageRow
from tests.support.full_disk import FullDisk
from tests.support.licensing import IAT

if TYPE_CHECKING:
    from appliance.license_proxy.keeper import Keeper
    from offline_license.report import Report
    from tests.support.license_site import LicenseSite

ROW = UsageRow(IAT, bytes(8), Mode.BATCH, 0, Outcome.SERVED, 7, 60_000, 900, 3)
BATCH = UsageBatch("api-1", bytes(8), 1, (ROW,))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


def work(site: LicenseSite, keeper: Keeper, hours: int, first: int = 1) -> None:
    """Let hours pass, with one batch of work in each."""
    for number in range(first, first + hours):
        row = replace(ROW, hour_s=site.clocks.wall_s)
        assert keeper.count(replace(BATCH, number=number, rows=(row,))) == number
        site.pass_hours(keeper, 1)


def report_of(site: LicenseSite, keeper: Keeper) -> Report:
    data = keeper.report(Level.HOURLY, 0)
    return verify_report(data, site.issuer.install_public)


def test_a_full_disk_is_shown_and_refuses_nobody(
    site: LicenseSite, disk: FullDisk
) -> None:
    site.install()
    keeper = site.start()
    disk.fill()

    work(site, keeper, 24)

    view = keeper.refresh()
    assert view.decision.state is State.VALID
    assert view.decision.service.batch is Permit.LICENSED
    assert not view.storage_ok
    assert view.ledger is not None
    assert view.ledger.lossy_s >= 23 * HOUR_S
    assert Flag.REPORT_DUE not in view.decision.flags


def test_what_was_counted_meanwhile_is_in_the_ledger_with_a_word_about_it(
    site: LicenseSite, disk: FullDisk
) -> None:
    site.install()
    keeper = site.start()
    disk.fill()
    work(site, keeper, 24)

    disk.free()
    work(site, keeper, 1, first=25)

    report = report_of(site, keeper)
    assert report.totals.requests == 25 * 7
    lossy = [one for one in report.records if one.kind is RecordKind.LOSSY]
    assert [one.number("span_s") >= 23 * HOUR_S for one in lossy] == [True]
    view = keeper.refresh()
    assert view.storage_ok
    assert view.ledger is not None
    assert not view.ledger.lossy


def test_after_three_days_a_report_is_asked_for(
    site: LicenseSite, disk: FullDisk
) -> None:
    site.install()
    keeper = site.start()
    disk.fill()

    site.pass_hours(keeper, 74)

    view = keeper.refresh()
    assert Flag.REPORT_DUE in view.decision.flags
    assert view.decision.service.batch is Permit.LICENSED


def test_a_program_starts_on_a_full_disk(site: LicenseSite, disk: FullDisk) -> None:
    site.install()
    disk.fill()

    keeper = site.start()

    assert keeper.count(BATCH) == 1
    assert keeper.refresh().decision.state is State.VALID


def test_the_clock_is_confirmed_on_a_full_disk(
    site: LicenseSite, disk: FullDisk
) -> None:
    site.install()
    keeper = site.start()
    disk.fill()

    view = keeper.confirm_clock(0)

    assert view.decision.state is State.VALID


def test_a_ledger_folder_that_is_no_folder_stops_nothing(site: LicenseSite) -> None:
    site.install()
    site.config.ledger.write_bytes(b"in the way")

    keeper = site.start()

    assert keeper.refresh().decision.state is State.VALID
    assert keeper.count(BATCH) == 1


def test_a_state_folder_that_vanishes_stops_nothing(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    for path in sorted(site.config.state.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    site.config.state.rmdir()

    site.clocks.run(DAY_S)
    keeper.refresh()

    assert keeper.refresh().decision.state is State.VALID
    assert keeper.count(BATCH) == 1
