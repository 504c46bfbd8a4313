from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import installer.gpu
from installer.gpu import GpuView, parse_view, view_json
from installer.gpu.pci import nvidia_gpus
from installer.gpu.wire import MAX_LINE_BYTES, parse_report
from installer.nvml import wording
from tests.support.gpus import bare_gpu_device, gpu_device, gpu_report

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (0, ()),
        (0x1, ()),
        (0x1 | 0x4, ("power limit reached",)),
        (0x8, ("hardware slowdown (temperature, power brake or supply)",)),
        (0x4000, ("unknown reason 0x4000",)),
    ],
)
def test_clock_limits_are_put_into_words(mask: int, expected: tuple[str, ...]) -> None:
    assert wording.slow_reasons(mask) == expected


def test_an_unknown_code_keeps_its_number() -> None:
    assert wording.failure_text(77) == "the driver answered with error 77"


def test_a_view_survives_the_way_over_json() -> None:
    report = gpu_report(gpu_device(0), bare_gpu_device(1))
    view = GpuView(report=report, age_s=1.5, not_responding_since=3.0, pci_gpus=2)

    assert parse_view(view_json(view)) == view


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b"\xff", b"null"])
def test_a_line_that_is_no_report_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        parse_report(line)


def test_a_line_without_end_is_refused_unparsed() -> None:
    with pytest.raises(ValueError, match="at most"):
        parse_report(b" " * (MAX_LINE_BYTES + 1))


def test_only_nvidia_display_devices_on_the_bus_count(tmp_path: Path) -> None:
    for name, vendor, kind in (
        ("0000:01:00.0", "0x10de", "0x030200"),
        ("0000:01:00.1", "0x10de", "0x040300"),
        ("0000:02:00.0", "0x8086", "0x030000"),
    ):
        device = tmp_path / "sys/bus/pci/devices" / name
        device.mkdir(parents=True)
        (device / "vendor").write_text(vendor + "\n")
        (device / "class").write_text(kind + "\n")

    assert nvidia_gpus(tmp_path) == ("0000:01:00.0",)


def test_a_host_without_a_pci_bus_has_no_card(tmp_path: Path) -> None:
    assert nvidia_gpus(tmp_path) == ()


def test_the_child_imports_nothing_but_the_standard_library_and_the_binding() -> None:
    """What the child does not import cannot make it large or slow."""
    words = (
        "import sys, installer.nvml.child; "
        "print([name for name in ('pydantic', 'asyncio', 'psutil', 'installer.gpu')"
        " if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_the_public_names_are_sorted_and_exist() -> None:
    names = installer.gpu.__all__

    assert names == sorted(names, key=lambda name: (name[0].islower(), name))
    assert all(hasattr(installer.gpu, name) for name in names)
