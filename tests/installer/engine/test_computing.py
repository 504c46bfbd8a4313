"""GPU mode is honest: used only where image and machine can, refused before a start."""

from dataclasses import replace

import pytest
from typing_extensions import override

from appliance.engines import EngineInfo
from appliance.specs import ACCELERATOR_LABEL
from installer.engine.host import Machine
from installer.engine.operations import Operations
from installer.nvml.model import Trouble
from installer.nvml.readings import Failed
from installer.protocol import OperationRequest, OperationState
from tests.installer.engine.conftest import Finish
from tests.support.fake_engine import FakeEngine
from tests.support.fake_site import FakeSite
from tests.support.gpus import gpu_device, gpu_report


class _NvidiaEngine(FakeEngine):
    @override
    def info(self) -> EngineInfo:
        return replace(super().info(), runtimes=("runc", "nvidia"))


@pytest.fixture
def asr_image(fake: FakeSite) -> str:
    summary = fake.world.medium.summary
    return next(one.image_id for one in summary.images if one.name == "asr")


def _ask(fake: FakeSite, compute: str) -> OperationRequest:
    return OperationRequest(kind="install", settings=fake.settings(compute=compute))


@pytest.mark.parametrize(
    ("label", "gpus"), [("cpu", ()), ("cuda12", (0,)), (None, (0,))]
)
def test_gpus_are_given_only_to_an_image_that_can_use_them(
    *,
    fake: FakeSite,
    operations: Operations,
    finish: Finish,
    asr_image: str,
    label: str | None,
    gpus: tuple[int, ...],
) -> None:
    fake.world.gpu_indexes = (0,)
    if label is not None:
        fake.engine.labels[asr_image, ACCELERATOR_LABEL] = label

    operations.start(_ask(fake, "auto"))
    ended = finish(operations)

    detail = next(one.detail for one in ended.steps if one.name == "write-config")
    assert fake.engine.specs["anechoic-asr-1"].gpus == gpus
    assert ("on the CPU" in detail) is (label == "cpu")


def test_gpu_mode_with_an_image_for_cpus_starts_nothing(
    fake: FakeSite, operations: Operations, finish: Finish, asr_image: str
) -> None:
    fake.world.gpu_indexes = (0,)
    fake.engine.labels[asr_image, ACCELERATOR_LABEL] = "cpu"

    operations.start(_ask(fake, "gpu"))
    ended = finish(operations)

    assert ended.state is OperationState.FAILED
    assert ended.finding is not None
    assert ended.finding.code == "ANX-GPU-23"
    assert not fake.engine.specs


def test_gpu_mode_without_a_usable_gpu_starts_nothing(
    fake: FakeSite, operations: Operations, finish: Finish
) -> None:
    operations.start(_ask(fake, "gpu"))
    ended = finish(operations)

    assert ended.finding is not None
    assert ended.finding.code == "ANX-GPU-24"
    assert not fake.engine.specs


def test_gpu_mode_is_judged_again_when_an_install_is_carried_on(
    fake: FakeSite, operations: Operations, finish: Finish
) -> None:
    fake.world.gpu_indexes = (0,)
    fake.world.health = None
    operations.start(_ask(fake, "gpu"))
    assert finish(operations).state is OperationState.FAILED

    fake.world.gpu_indexes = ()
    operations.start(_ask(fake, "gpu"))

    finding = finish(operations).finding
    assert finding is not None
    assert finding.code == "ANX-GPU-24"


def test_lost_and_unsuitable_cards_are_left_out(
    fake: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = gpu_report(
        gpu_device(0, uuid=Failed("GPU is lost")),
        gpu_device(1, compute_capability="5.2"),
        gpu_device(2),
    )
    monkeypatch.setattr("installer.engine.host.probe", lambda: report)

    assert Machine(_NvidiaEngine(), fake.paths).gpus() == (2,)
    assert Machine(FakeEngine(), fake.paths).gpus() == ()


def test_a_driver_in_trouble_gives_no_card(
    fake: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = gpu_report(trouble=Trouble.NOT_RESPONDING)
    monkeypatch.setattr("installer.engine.host.probe", lambda: report)

    assert Machine(_NvidiaEngine(), fake.paths).gpus() == ()
