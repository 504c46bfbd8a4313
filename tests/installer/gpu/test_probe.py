"""The real child process against a simulated driver library."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from installer.gpu import Failed, Trouble, Unsupported, Value, probe
from installer.gpu.probe import CHILD
from installer.nvml.model import READING_FIELDS, RemappedRows
from tests.support.nvml.stub import StubDriver, build_stub

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024


GENEROUS_S = 60.0


def test_every_field_of_a_healthy_card_is_read(driver: StubDriver) -> None:
    report = probe(GENEROUS_S, command=driver.command())

    (card,) = report.devices
    unread = [
        name for name in READING_FIELDS if not isinstance(getattr(card, name), Value)
    ]
    assert report.trouble is None
    assert unread == []


def test_units_are_those_of_the_model(driver: StubDriver) -> None:
    (card,) = probe(GENEROUS_S, command=driver.command()).devices

    assert card.memory_total_bytes == Value(81_920 * MIB)
    assert card.power_w == Value(71.0)
    assert card.temperature_limit_c == Value(92)
    assert card.compute_capability == Value("8.0")
    assert card.remapped == Value(RemappedRows(0, 0, pending=False, failed=False))


def test_versions_are_read(driver: StubDriver) -> None:
    report = probe(GENEROUS_S, command=driver.command())

    assert report.driver_version == Value("550.54.15")
    assert report.cuda_version == Value("12.4")


def test_a_card_that_supports_nothing_gives_reasons_and_no_zero(
    driver: StubDriver,
) -> None:
    driver.set(gpu={"unsupported": "all"})

    (card,) = probe(GENEROUS_S, command=driver.command()).devices

    for name in READING_FIELDS:
        assert getattr(card, name) == Unsupported("not supported by this GPU"), name


def test_one_missing_field_leaves_the_others(driver: StubDriver) -> None:
    driver.set(gpu={"unsupported": "nvmlDeviceGetFanSpeed"})

    (card,) = probe(GENEROUS_S, command=driver.command()).devices

    assert isinstance(card.fan_percent, Unsupported)
    assert card.temperature_c == Value(41)


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (4, Trouble.NO_PERMISSION),
        (9, Trouble.DRIVER_NOT_LOADED),
        (15, Trouble.GPU_LOST),
        (18, Trouble.VERSION_MISMATCH),
        (999, Trouble.OTHER),
    ],
)
def test_each_start_up_error_has_its_own_trouble(
    driver: StubDriver, code: int, trouble: Trouble
) -> None:
    driver.set(system={"init_error": code})

    report = probe(GENEROUS_S, command=driver.command())

    assert report.trouble is trouble
    assert f"NVML error {code}" in report.detail


def test_a_host_without_the_library_says_so(tmp_path: Path) -> None:
    (tmp_path / "libnvidia-ml.so.1").touch()  # found first, and no library

    report = probe(GENEROUS_S, command=("env", f"LD_LIBRARY_PATH={tmp_path}", *CHILD))

    assert report.trouble is Trouble.LIBRARY_MISSING


def test_a_driver_that_hangs_is_reported_at_the_deadline(driver: StubDriver) -> None:
    driver.set(system={"hang": "nvmlDeviceGetName"})
    before = time.monotonic()

    report = probe(1.0, command=driver.command())

    assert report.trouble is Trouble.NOT_RESPONDING
    assert time.monotonic() - before < 9


def test_a_lost_card_keeps_its_row_beside_a_healthy_one(driver: StubDriver) -> None:
    driver.set(system={"count": 2}, gpu1={"error": 15})

    healthy, lost = probe(GENEROUS_S, command=driver.command()).devices

    assert healthy.uuid == Value("GPU-00000000")
    assert lost.uuid == Failed("the GPU is lost: it fell off the bus")


def test_a_card_that_cannot_be_opened_keeps_its_row(driver: StubDriver) -> None:
    driver.set(system={"count": 2}, gpu1={"handle_error": 15})

    lost = probe(GENEROUS_S, command=driver.command()).devices[1]

    assert lost.index == 1
    assert lost.memory_used_bytes == Failed("the GPU is lost: it fell off the bus")


def test_eight_cards_are_told_apart(driver: StubDriver) -> None:
    driver.set(system={"count": 8})

    devices = probe(GENEROUS_S, command=driver.command()).devices

    assert len({device.uuid for device in devices}) == 8


def test_mig_slices_are_listed_and_utilization_is_not_invented(
    driver: StubDriver,
) -> None:
    driver.set(gpu={"mig": 1, "mig_slots": 7, "mig_slices": 2})

    (card,) = probe(GENEROUS_S, command=driver.command()).devices

    assert card.utilization_percent == Unsupported("not available under MIG")
    assert [one.uuid for one in card.mig_devices] == [
        Value("MIG-GPU-00000000-0"),
        Value("MIG-GPU-00000000-1"),
    ]


def test_reasons_for_a_low_clock_come_in_words(driver: StubDriver) -> None:
    driver.set(gpu={"throttle": 0x4 | 0x40})

    (card,) = probe(GENEROUS_S, command=driver.command()).devices

    assert card.slow_reasons == Value(
        ("power limit reached", "hardware slowdown for temperature")
    )


def test_programs_on_a_card_are_listed(driver: StubDriver) -> None:
    driver.set(gpu={"process_pid": 4711, "process_mem_mb": 512})

    (card,) = probe(GENEROUS_S, command=driver.command()).devices

    assert isinstance(card.processes, Value)
    assert [(one.pid, one.memory_bytes) for one in card.processes.value] == [
        (4711, 512 * MIB)
    ]


def test_an_old_driver_lacks_new_functions_but_not_old_ones(tmp_path: Path) -> None:
    old = StubDriver(build_stub(tmp_path / "old", "-DOLD_DRIVER"), tmp_path / "conf")
    old.set(gpu={"throttle": 0x20})

    (card,) = probe(GENEROUS_S, command=old.command()).devices

    assert card.remapped == Unsupported("not known to this driver version")
    assert card.slow_reasons == Value(("software slowdown for temperature",))


def test_a_child_that_dies_is_reported_with_its_last_words() -> None:
    words = "import sys; sys.exit('no such symbol')"

    report = probe(GENEROUS_S, command=(sys.executable, "-c", words))

    assert report.trouble is Trouble.CRASHED
    assert report.detail == "exit status 1: no such symbol"


def test_a_child_that_is_shot_is_reported_with_the_signal() -> None:
    crash = "import os; os.abort()"

    report = probe(GENEROUS_S, command=(sys.executable, "-c", crash))

    assert report.trouble is Trouble.CRASHED
    assert report.detail.startswith("killed by signal 6")


def test_a_child_that_cannot_be_started_is_reported(tmp_path: Path) -> None:
    report = probe(GENEROUS_S, command=(str(tmp_path / "absent"),))

    assert report.trouble is Trouble.CRASHED
