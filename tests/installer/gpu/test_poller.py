"""The long-lived poller against a simulated driver that changes under it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from installer.gpu import GpuPoller, GpuView, Pace, Trouble, Value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.support.nvml.stub import StubDriver

from tests.support.gpus import gpu_report

pytestmark = pytest.mark.long

QUICK = Pace(
    interval_s=0.05, deadline_s=0.5, start_s=60, give_up_s=60, first_pause_s=0.05
)
IMPATIENT = dataclasses.replace(QUICK, start_s=0.5)


@asynccontextmanager
async def following(
    command: tuple[str, ...], pace: Pace = QUICK
) -> AsyncIterator[GpuPoller]:
    poller = GpuPoller(pace, command=command)
    await poller.start()
    try:
        yield poller
    finally:
        await poller.stop()


async def until(poller: GpuPoller, wanted: Callable[[GpuView], bool]) -> GpuView:
    async with asyncio.timeout(50):
        while not wanted(view := poller.view()):
            await poller.changed()
    return view


def has_report(view: GpuView) -> bool:
    return view.report is not None


async def test_a_view_before_the_first_answer_claims_nothing(
    driver: StubDriver,
) -> None:
    async with following(driver.command()) as poller:
        view = poller.view()

    assert view.report is None
    assert view.age_s is None


async def test_a_change_of_the_hardware_shows(driver: StubDriver) -> None:
    async with following(driver.command()) as poller:
        await until(poller, has_report)
        driver.set(gpu={"temp": 77})

        view = await until(
            poller,
            lambda view: (
                view.report is not None
                and view.report.devices[0].temperature_c == Value(77)
            ),
        )

    assert view.not_responding_since is None


async def test_a_stall_is_said_within_the_deadline_and_keeps_the_last_figures(
    driver: StubDriver,
) -> None:
    async with following(driver.command()) as poller:
        await until(poller, has_report)
        driver.set(system={"hang": "nvmlDeviceGetCount_v2"})

        view = await until(poller, lambda view: view.not_responding_since is not None)

    assert view.report is not None
    assert view.report.devices[0].temperature_c == Value(41)


async def test_a_driver_that_wakes_its_cards_slowly_is_given_more_time(
    driver: StubDriver,
) -> None:
    driver.set(system={"hang": "nvmlInitWithFlags"})
    pace = dataclasses.replace(QUICK, deadline_s=0.05)
    async with following(driver.command(), pace) as poller:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await poller.changed()
        driver.set()

        view = await until(poller, has_report)

    assert view.report is not None
    assert view.report.trouble is None


async def test_a_driver_that_recovers_ends_the_notice(driver: StubDriver) -> None:
    driver.set(system={"hang": "nvmlDeviceGetCount_v2"})
    async with following(driver.command(), IMPATIENT) as poller:
        await until(poller, lambda view: view.not_responding_since is not None)
        driver.set()

        view = await until(poller, has_report)

    assert view.not_responding_since is None


async def test_a_child_that_stays_silent_is_replaced(tmp_path: Path) -> None:
    """The second child answers, so the first was given up and a new one started."""
    report = json.dumps(dataclasses.asdict(gpu_report()))
    words = f"mkdir {tmp_path}/first && exec sleep 60; echo '{report}'; exec sleep 60"
    pace = dataclasses.replace(IMPATIENT, give_up_s=3)
    async with following(("sh", "-c", words), pace) as poller:
        await until(poller, lambda view: view.not_responding_since is not None)

        view = await until(poller, has_report)

    assert view.report == gpu_report()


async def test_a_child_that_is_slow_to_crash_is_no_silent_driver() -> None:
    async with following(("sh", "-c", "sleep 1; exit 3"), IMPATIENT) as poller:
        await until(poller, lambda view: view.not_responding_since is not None)

        view = await until(poller, has_report)

    assert view.not_responding_since is None
    assert view.report is not None
    assert view.report.detail == "the child, its status: 3"


async def test_each_fault_event_is_kept_also_a_second_equal_one(
    driver: StubDriver,
) -> None:
    async with following(driver.command()) as poller:
        driver.set(system={"xid": "1:79"})
        await until(
            poller, lambda view: bool(view.report is not None and view.report.xids)
        )
        driver.set(system={"xid": "2:79"})

        view = await until(
            poller, lambda view: view.report is not None and len(view.report.xids) == 2
        )

    assert view.report is not None
    assert [event.xid for event in view.report.xids] == [79, 79]
    assert view.report.xids[0].gpu_uuid == "GPU-00000000"


async def test_a_driver_that_refuses_is_asked_again(driver: StubDriver) -> None:
    driver.set(system={"init_error": 9})
    async with following(driver.command()) as poller:
        view = await until(poller, has_report)
        assert view.report is not None
        assert view.report.trouble is Trouble.DRIVER_NOT_LOADED
        driver.set()

        view = await until(
            poller, lambda view: view.report is not None and not view.report.trouble
        )

    assert view.report is not None
    assert len(view.report.devices) == 1


@pytest.mark.parametrize("words", ["import os; os.abort()", "print('nonsense')"])
async def test_a_child_that_crashes_is_reported(words: str) -> None:
    async with following((sys.executable, "-c", words)) as poller:
        view = await until(poller, has_report)

    assert view.report is not None
    assert view.report.trouble is Trouble.CRASHED


async def test_a_child_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    program = tmp_path / "child"
    async with following((str(program),)) as poller:
        view = await until(poller, has_report)
        assert view.report is not None
        assert view.report.trouble is Trouble.CRASHED
        report = json.dumps(dataclasses.asdict(gpu_report()))
        (tmp_path / "new").write_text(f"#!/bin/sh\necho '{report}'\nexec sleep 30\n")
        (tmp_path / "new").chmod(0o700)
        (tmp_path / "new").rename(program)

        view = await until(
            poller, lambda view: view.report is not None and not view.report.trouble
        )

    assert view.report == gpu_report()


async def test_stopping_does_not_wait_for_a_hanging_driver(driver: StubDriver) -> None:
    driver.set(system={"hang": "nvmlInitWithFlags"})
    poller = GpuPoller(QUICK, command=driver.command())
    await poller.start()

    async with asyncio.timeout(10):
        await poller.stop()
        await poller.stop()
