"""What the dashboard and the GPU probe cost a machine with eight simulated GPUs.

The driver is the tests' stand-in, which opens a file on every call, so the figures
of the probe's child are an upper bound for its own work, not for a real driver's.
"""

import asyncio
import gzip
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil

import installer.dashboard
from installer.dashboard import build_page
from installer.dashboard.metrics import render_metrics
from installer.gpu import GpuPoller, Pace, probe
from installer.protocol import Status
from tests.benchmarks.harness import Figure, seconds_per_call
from tests.support.gpus import gpu_device
from tests.support.nvml.stub import StubDriver, build_stub
from tests.support.statuses import NOW, gpu_status, status

GPUS = 8
WATCHED_S = 12.0
WARM_REPORTS = 50
REPORTS = 1000  # at the interval of the product, half an hour
_MIB = 1024 * 1024


def figures() -> Iterator[Figure]:
    """Measure page sizes, rendering, the probe and the poller at rest."""
    yield from _sizes()
    yield from _rendering()
    with tempfile.TemporaryDirectory() as folder:
        driver = StubDriver(build_stub(Path(folder) / "lib"), Path(folder) / "conf")
        driver.set(system={"count": GPUS})
        yield from _one_probe(driver)
        yield from asyncio.run(_poller_at_rest(driver))
        yield asyncio.run(_growth(driver))
        yield asyncio.run(_stall_notice(driver))


def _sizes() -> Iterator[Figure]:
    assets = Path(installer.dashboard.__file__).parent / "assets"
    raw = sum(path.stat().st_size for path in assets.iterdir())
    yield Figure("page, all files", raw / 1000, "kB", "<= 30")
    page = json.dumps(asdict(build_page(_busy(), now=NOW.timestamp()))).encode()
    yield Figure(f"one refresh, {GPUS} GPUs", len(page) / 1000, "kB", "<= 40")
    small = len(gzip.compress(page))
    yield Figure(f"one refresh, {GPUS} GPUs, compressed", small / 1000, "kB")


def _busy() -> Status:
    return status(gpus=gpu_status(*(gpu_device(index) for index in range(GPUS))))


def _rendering() -> Iterator[Figure]:
    shown, now = _busy(), NOW.timestamp()
    page_s = seconds_per_call(lambda: build_page(shown, now=now))
    yield Figure("build the page", page_s * 1000, "ms CPU", "<= 10")
    metrics_s = seconds_per_call(lambda: render_metrics(shown, now=now))
    yield Figure("render the metrics", metrics_s * 1000, "ms CPU", "<= 10")


def _one_probe(driver: StubDriver) -> Iterator[Figure]:
    before = time.perf_counter()
    report = probe(command=driver.command())
    took_s = time.perf_counter() - before
    if len(report.devices) == GPUS:
        yield Figure(f"one probe of {GPUS} GPUs", took_s, "s", "<= 2")


async def _poller_at_rest(driver: StubDriver) -> list[Figure]:
    """Watch parent and child for a while at the interval of the product."""
    poller = GpuPoller(Pace(), command=driver.command())
    own = psutil.Process()
    await poller.start()
    try:
        while not (await poller.changed()).report:
            pass
        child = own.children()[0]
        parent_s, child_s = _cpu_s(own.pid), _cpu_s(child.pid)
        await asyncio.sleep(WATCHED_S)
        parent = 100 * (_cpu_s(own.pid) - parent_s) / WATCHED_S
        idle = 100 * (_cpu_s(child.pid) - child_s) / WATCHED_S
        size = child.memory_info().rss / _MIB
    finally:
        await poller.stop()
    return [
        Figure("GPU child, processor", idle, "% of a core", "<= 5"),
        Figure("GPU poller in the engine, processor", parent, "% of a core", "<= 1"),
        Figure("GPU child, resident memory", size, "MiB", "<= 30"),
    ]


def _cpu_s(pid: int) -> float:
    """Give the CPU seconds of a process's first thread, in nanosecond steps."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


async def _growth(driver: StubDriver) -> Figure:
    """Let the child report as fast as it can, and compare its size."""
    poller = GpuPoller(Pace(interval_s=0), command=driver.command())
    await poller.start()
    try:
        for _ in range(WARM_REPORTS):
            await poller.changed()
        child = psutil.Process().children()[0]
        before = child.memory_info().rss
        for _ in range(REPORTS):
            await poller.changed()
        grown = child.memory_info().rss - before
    finally:
        await poller.stop()
    return Figure(
        f"GPU child, growth over {REPORTS} reports", grown / _MIB, "MiB", "<= 1"
    )


async def _stall_notice(driver: StubDriver) -> Figure:
    pace = Pace(interval_s=0.1, deadline_s=1.0)
    poller = GpuPoller(pace, command=driver.command())
    await poller.start()
    try:
        while not (await poller.changed()).report:
            pass
        driver.set(system={"hang": "nvmlDeviceGetCount_v2", "count": GPUS})
        before = time.perf_counter()
        while poller.view().not_responding_since is None:
            await poller.changed()
        late_s = time.perf_counter() - before - pace.deadline_s
    finally:
        await poller.stop()
    return Figure("stalled driver noticed after the deadline", late_s, "s", "<= 0.5")
