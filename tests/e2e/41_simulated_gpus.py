"""Whole programs on machines with simulated GPUs: what the operator is told."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.demo.phases import PROGRAMS
from tests.support.nvml.stub import StubDriver, build_stub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_stub(tmp_path_factory.mktemp("nvml"))


@contextmanager
def engine(root: Path, driver: StubDriver) -> Iterator[dict[str, str]]:
    """Run `anechoicd` on the simulated machine and give the operator's environment."""
    environment = {**driver.environment(), "ANECHOIC_ROOT": str(root)}
    log = (root / "engine.log").open("w")
    with (
        log,
        subprocess.Popen([PROGRAMS / "anechoicd"], env=environment, stderr=log) as it,
    ):
        _wait_for(root / "run/anechoic/anechoicd.sock")
        try:
            yield environment
        finally:
            it.terminate()
            it.wait(30)


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(str(path))
            return
        time.sleep(0.05)
    raise TimeoutError(f"{path} never answered")


def told(environment: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    """Run `anechoic` with `--json` and give its lines."""
    done = subprocess.run(
        [PROGRAMS / "anechoic", *arguments, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def gpu_codes(environment: dict[str, str], *arguments: str) -> list[tuple[str, str]]:
    (answer,) = told(environment, "preflight", *arguments)
    found = [(one["code"], one["severity"]) for one in answer["findings"]]
    return [(code, severity) for code, severity in found if code.startswith("ANX-GPU")]


@pytest.mark.parametrize(
    ("system", "gpu", "code"),
    [
        ({"init_error": 18}, {}, "ANX-GPU-04"),
        ({"init_error": 4}, {}, "ANX-GPU-06"),
        ({"count": 8}, {"error": 15}, "ANX-GPU-05"),
        ({}, {"cc": 52}, "ANX-GPU-11"),
        ({"driver": "470.82.01"}, {}, "ANX-GPU-13"),
    ],
)
def test_preflight_names_the_fault_of_the_driver(
    library: Path,
    tmp_path: Path,
    system: dict[str, Any],
    gpu: dict[str, Any],
    code: str,
) -> None:
    driver = StubDriver(library, tmp_path / "nvml.ini")
    driver.set(system=system, gpu=gpu)

    with engine(tmp_path, driver) as environment:
        in_auto = gpu_codes(environment)
        in_gpu_mode = gpu_codes(environment, "--compute", "gpu")

    assert (code, "warning") in in_auto
    assert (code, "error") in in_gpu_mode


def test_preflight_comes_back_from_a_driver_that_hangs(
    library: Path, tmp_path: Path
) -> None:
    driver = StubDriver(library, tmp_path / "nvml.ini")
    driver.set(system={"hang": "nvmlDeviceGetCount_v2"})

    with engine(tmp_path, driver) as environment:
        assert ("ANX-GPU-07", "warning") in gpu_codes(environment)


def test_the_status_shows_every_gpu_of_the_machine(
    library: Path, tmp_path: Path
) -> None:
    driver = StubDriver(library, tmp_path / "nvml.ini")
    driver.set(system={"count": 8})

    with engine(tmp_path, driver) as environment:
        until = time.monotonic() + 30
        report = None
        while report is None and time.monotonic() < until:
            (status,) = told(environment, "status")
            report = status["gpus"]["report"]

    assert report is not None
    assert len(report["devices"]) == 8
    assert report["devices"][7]["temperature_c"] == {"value": 41}
