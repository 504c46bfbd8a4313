"""What is said about the GPUs of simulated machines."""

from __future__ import annotations

import pytest

from installer.findings import Severity
from installer.gpu import (
    Failed,
    GpuLimits,
    GpuReport,
    GpuView,
    RemappedRows,
    Trouble,
    Unsupported,
    Value,
    XidEvent,
    drift,
    gpu_findings,
    inventory,
    kinds,
    view_findings,
)
from installer.nvml.model import lost_device
from installer.settings import Compute
from tests.support.gpus import TAKEN_AT, bare_gpu_device, gpu_device, gpu_report


def codes(report: GpuReport, **asked: object) -> list[str]:
    return [one.code for one in gpu_findings(report, **asked)]  # type: ignore[arg-type]


def silent(trouble: Trouble) -> GpuReport:
    return GpuReport(taken_at=TAKEN_AT, trouble=trouble, detail="NVML error")


def test_a_healthy_card_gives_no_finding() -> None:
    assert codes(gpu_report()) == []


def test_a_card_that_offers_nothing_gives_no_false_finding() -> None:
    assert codes(gpu_report(bare_gpu_device())) == []


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble.LIBRARY_MISSING, kinds.LIBRARY_MISSING),
        (Trouble.DRIVER_NOT_LOADED, kinds.DRIVER_NOT_LOADED),
        (Trouble.VERSION_MISMATCH, kinds.VERSION_MISMATCH),
        (Trouble.GPU_LOST, kinds.GPU_LOST),
        (Trouble.NO_PERMISSION, kinds.NO_PERMISSION),
        (Trouble.NOT_RESPONDING, kinds.NOT_RESPONDING),
        (Trouble.CRASHED, kinds.PROBE_CRASHED),
        (Trouble.OTHER, kinds.DRIVER_ERROR),
    ],
)
def test_each_trouble_has_its_own_finding(trouble: Trouble, kind: object) -> None:
    (finding,) = gpu_findings(silent(trouble), pci_gpus=1)

    assert finding.code == getattr(kind, "code", None)


@pytest.mark.parametrize(
    "trouble", [Trouble.LIBRARY_MISSING, Trouble.DRIVER_NOT_LOADED]
)
def test_without_a_card_on_the_bus_it_is_cpu_mode(trouble: Trouble) -> None:
    (finding,) = gpu_findings(silent(trouble), pci_gpus=0)

    assert finding.code == kinds.NO_GPU.code
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("compute", "severity"),
    [
        (Compute.AUTO, Severity.WARNING),
        (Compute.GPU, Severity.ERROR),
        (Compute.CPU, Severity.INFO),
    ],
)
def test_the_weight_of_a_missing_gpu_follows_the_settings(
    compute: Compute, severity: Severity
) -> None:
    (finding,) = gpu_findings(silent(Trouble.LIBRARY_MISSING), compute=compute)

    assert finding.severity is severity


def test_a_card_the_driver_does_not_list_is_lost() -> None:
    nothing = GpuReport(taken_at=TAKEN_AT)

    assert codes(nothing, pci_gpus=1) == [kinds.GPU_LOST.code]
    assert codes(nothing, pci_gpus=0) == [kinds.NO_GPU.code]


def test_a_lost_card_is_named_once() -> None:
    report = gpu_report(gpu_device(0), lost_device(1, "fell off the bus"))

    (finding,) = gpu_findings(report)

    assert finding.code == kinds.GPU_LOST.code
    assert finding.evidence == "GPU 1: fell off the bus"


@pytest.mark.parametrize(
    ("changes", "kind", "evidence"),
    [
        ({"compute_capability": "5.2"}, kinds.CAPABILITY_LOW, "at least 6.1, found"),
        ({"pcie_width": 4}, kinds.PCIE_NARROW, "x4 of x16 lanes"),
        (
            {"slow_reasons": ("hardware slowdown for temperature",)},
            kinds.SLOWED,
            "hardware slowdown for temperature",
        ),
        ({"ecc_uncorrected": 3}, kinds.MEMORY_ERRORS, "3 since the last restart"),
        (
            {"remapped": RemappedRows(0, 1, pending=True, failed=False)},
            kinds.ROWS_REMAP,
            "replaced at the next restart",
        ),
        (
            {"remapped": RemappedRows(0, 1, pending=True, failed=True)},
            kinds.ROWS_REMAP,
            "could not be replaced",
        ),
        ({"mig_enabled": True}, kinds.MIG_ON, "0 slices"),
    ],
)
def test_a_sick_card_gets_its_finding(
    changes: dict[str, object], kind: object, evidence: str
) -> None:
    (finding,) = gpu_findings(gpu_report(gpu_device(0, **changes)))

    assert finding.code == getattr(kind, "code", None)
    assert finding.evidence.startswith("GPU 0 (NVIDIA H100 PCIe): ")
    assert evidence in finding.evidence


@pytest.mark.parametrize(
    "changes",
    [
        {"slow_reasons": ("power limit reached",)},
        {"pcie_gen": 1},
        {"pcie_width": Unsupported("not supported by this GPU")},
        {"ecc_uncorrected": Failed("the driver answered with error 999")},
    ],
)
def test_what_is_normal_or_unknown_is_no_finding(changes: dict[str, object]) -> None:
    assert codes(gpu_report(gpu_device(0, **changes))) == []


def test_a_small_card_is_measured_against_the_model() -> None:
    limits = GpuLimits(memory_bytes=200 * 1024**3)

    assert codes(gpu_report(), limits=limits) == [kinds.MEMORY_LOW.code]


@pytest.mark.parametrize(
    ("version", "expected"),
    [("470.82.01", [kinds.DRIVER_OLD.code]), ("525.60.13", []), ("570.124.06", [])],
)
def test_the_driver_must_run_the_cuda_of_the_image(
    version: str, expected: list[str]
) -> None:
    assert codes(gpu_report(driver_version=Value(version))) == expected


def test_equal_faults_are_counted_per_card_and_number() -> None:
    faults = tuple(
        XidEvent(at, "GPU-a", xid) for at, xid in ((1, 79), (2, 79), (3, 48))
    )

    found = gpu_findings(gpu_report(xids=faults))

    assert [one.evidence for one in found] == [
        "GPU-a: XID 48, 1 times",
        "GPU-a: XID 79, 2 times",
    ]


def test_a_silent_driver_is_said_with_the_time_it_was_last_heard() -> None:
    view = GpuView(report=gpu_report(), not_responding_since=TAKEN_AT)

    (finding,) = view_findings(view)

    assert finding.code == kinds.NOT_RESPONDING.code
    assert finding.evidence == "last answer on 2026-11-18 at 11:06:40 UTC"


def test_the_same_cards_are_no_drift() -> None:
    then = inventory(gpu_report(gpu_device(0), gpu_device(1)))

    assert drift(then, then) == ()


def test_a_missing_card_is_a_warning() -> None:
    then = inventory(gpu_report(gpu_device(0), gpu_device(1)))
    now = inventory(gpu_report(gpu_device(0), lost_device(1, "fell off the bus")))

    (finding,) = drift(then, now)

    assert finding.code == kinds.GPU_MISSING.code
    assert finding.severity is Severity.WARNING


def test_a_new_card_a_moved_card_and_a_new_driver_are_notices() -> None:
    then = inventory(gpu_report(gpu_device(0)))
    moved = gpu_device(0, bus_id="00000000:65:00.0")
    now = inventory(gpu_report(moved, gpu_device(1), driver_version=Value("580.65.06")))

    found = drift(then, now)

    assert {one.code for one in found} == {kinds.GPU_CHANGED.code}
    assert [one.evidence.split(":")[0] for one in found] == [
        "NVIDIA H100 PCIe moved",
        "new",
        "driver",
    ]
