"""Figures that cannot be read are absent, never zero."""

import pytest

from appliance.engines import Usage
from installer.engine.operations import Operations
from installer.engine.status import StatusCollector
from installer.gpu import GpuInventory, inventory, view_json
from installer.nvml.model import GpuReport, GpuView, Trouble
from installer.protocol import OperationRequest, ServiceStatus
from tests.installer.engine.conftest import Finish
from tests.support.fake_site import FakeSite
from tests.support.gpus import gpu_device, gpu_report


class Figures:
    """Usage and time that a test sets."""

    def __init__(self) -> None:
        self.now, self.cpu_s = 100.0, 5.0
        self.usage: Usage | None = Usage(5.0, 1000, 2000)

    def sample(self, _name: str) -> Usage | None:
        if self.usage is None:
            return None
        return Usage(self.cpu_s, 1000, 2000)


@pytest.fixture
def figures() -> Figures:
    return Figures()


@pytest.fixture
def collector(
    *,
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
    figures: Figures,
    monkeypatch: pytest.MonkeyPatch,
) -> StatusCollector:
    operations.start(install)
    finish(operations)
    monkeypatch.setattr(fake.engine, "usage", figures.sample)
    return StatusCollector(fake.site(), operations.current, clock=lambda: figures.now)


def _asr(collector: StatusCollector) -> ServiceStatus:
    return next(one for one in collector.collect().services if one.name == "asr")


def test_processor_time_is_compared_with_the_sample_before(
    collector: StatusCollector, figures: Figures
) -> None:
    first = _asr(collector).cpu_percent
    figures.now, figures.cpu_s = 102.0, 8.0

    assert first is None
    assert _asr(collector).cpu_percent == 150.0


def test_a_restarted_container_starts_a_new_comparison(
    collector: StatusCollector, figures: Figures
) -> None:
    _asr(collector)
    figures.now, figures.cpu_s = 102.0, 0.1

    assert _asr(collector).cpu_percent is None


def test_what_cannot_be_read_is_absent(
    collector: StatusCollector, figures: Figures
) -> None:
    figures.usage = None

    found = _asr(collector)

    assert (found.cpu_percent, found.memory_bytes) == (None, None)


def test_many_viewers_cost_one_look_a_second(
    collector: StatusCollector, figures: Figures
) -> None:
    first = collector.collect()
    figures.cpu_s = 9.0
    again = collector.collect()
    figures.now += 1.0
    later = collector.collect()

    assert again.services == first.services
    assert later.services != first.services


def test_a_silent_edge_is_unhealthy(collector: StatusCollector, fake: FakeSite) -> None:
    fake.world.health = None

    health = {one.name: one.health for one in collector.collect().services}

    assert health["edge"] == "unhealthy"


def test_a_missing_firewall_is_a_finding(
    collector: StatusCollector, fake: FakeSite
) -> None:
    before = collector.collect().findings
    fake.world.applied = None
    collector.forget()

    assert before == ()
    assert [one.code for one in collector.collect().findings] == ["ANX-ENG-16"]


SLOW = GpuView(report=gpu_report(gpu_device(0, pcie_width=4)))
ABSENT = GpuView(report=GpuReport(taken_at=1.0, trouble=Trouble.LIBRARY_MISSING))
BROKEN = GpuView(
    report=GpuReport(taken_at=1.0, trouble=Trouble.VERSION_MISMATCH), pci_gpus=1
)
ONE = inventory(gpu_report(gpu_device(0)))


@pytest.mark.parametrize(
    ("view", "then", "codes"),
    [
        (SLOW, ONE, ["ANX-GPU-14"]),
        (SLOW, GpuInventory(), ["ANX-GPU-14", "ANX-GPU-20", "ANX-GPU-20"]),
        (ABSENT, GpuInventory(), []),
        (ABSENT, ONE, ["ANX-GPU-19"]),
        (BROKEN, ONE, ["ANX-GPU-04"]),
        (GpuView(not_responding_since=1.0), ONE, ["ANX-GPU-07"]),
    ],
)
async def test_gpu_trouble_and_change_since_the_install_are_told_once(
    *,
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
    view: GpuView,
    then: GpuInventory,
    codes: list[str],
) -> None:
    fake.world.inventory = then
    operations.start(install)
    finish(operations)
    collector = StatusCollector(fake.site(), operations.current, lambda: view)

    first, second = await collector.read(), await collector.read()

    assert [one.code for one in first.findings] == codes
    assert second.findings == first.findings
    assert first.gpus == view_json(view)


async def test_gpu_mode_without_a_gpu_is_an_error(
    fake: FakeSite, operations: Operations, finish: Finish
) -> None:
    fake.world.gpu_indexes = (0,)
    settings = fake.settings(compute="gpu")
    operations.start(OperationRequest(kind="install", settings=settings))
    finish(operations)

    status = await StatusCollector(
        fake.site(), operations.current, lambda: ABSENT
    ).read()

    assert [(f.code, f.severity) for f in status.findings] == [("ANX-GPU-01", "error")]
