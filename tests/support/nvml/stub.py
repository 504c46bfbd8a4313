"""Build the stand-in for the NVIDIA management library, and steer it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = Path(__file__).with_name("nvml_stub.c")
MIG_MODE_FUNCTION = "nvmlDeviceGetMigMode"

A100: Mapping[str, object] = {
    "name": "NVIDIA A100-SXM4-80GB",
    "bus_id": "00000000:07:00.0",
    "serial": "1564720012345",
    "mem_total_mb": 81_920,
    "mem_used_mb": 2_048,
    "util_gpu": 12,
    "util_mem": 3,
    "temp": 41,
    "temp_slowdown": 92,
    "fan": 35,
    "power_w": 71,
    "power_limit_w": 400,
    "clock_sm": 1_095,
    "clock_sm_max": 1_410,
    "clock_mem": 1_593,
    "clock_mem_max": 1_593,
    "pstate": 0,
    "throttle": 0,
    "pcie_gen": 4,
    "pcie_gen_max": 4,
    "pcie_width": 16,
    "pcie_width_max": 16,
    "pcie_replays": 0,
    "ecc": 1,
    "ecc_corrected": 0,
    "ecc_uncorrected": 0,
    "remap_corrected": 0,
    "remap_uncorrected": 0,
    "remap_pending": 0,
    "remap_failed": 0,
    "cc": 80,
    "persistence": 1,
    "mig": 0,
    "process_pid": 0,
}


def build_stub(folder: Path, *flags: str) -> Path:
    """Compile the library into a folder and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "libnvidia-ml.so.1"
    options = ["-shared", "-fPIC", "-Wall", "-Werror", f"-Wl,-soname,{target.name}"]
    command = ["gcc", *flags, *options, "-o", str(target), str(SOURCE)]
    subprocess.run(command, check=True)
    return folder


@dataclass(frozen=True, slots=True)
class StubDriver:
    """A simulated driver; `set` changes it while a program watches."""

    library: Path
    conf: Path

    def set(
        self,
        *,
        system: Mapping[str, object] | None = None,
        gpu: Mapping[str, object] | None = None,
        **gpus: Mapping[str, object],
    ) -> None:
        """Describe the hardware anew: `gpu` for all cards, `gpu0` for one."""
        base = {"count": 1, "driver": "550.54.15", "nvml": "12.550.54.15"}
        sections: dict[str, Mapping[str, object]] = {
            "system": {**base, "cuda": 12_040, **(system or {})},
            "gpu": {**A100, **(gpu or {})},
        }
        for index in range(16):
            own = gpus.get(f"gpu{index}", {})
            sections[f"gpu{index}"] = {"uuid": f"GPU-{index:08d}", **own}
        text = "".join(
            f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
            for name, keys in sections.items()
        )
        fresh = self.conf.with_suffix(".new")
        fresh.write_text(text)
        fresh.rename(self.conf)  # a reader sees the old file or the new one

    def environment(self) -> dict[str, str]:
        """Return what makes a child process find this driver."""
        return {
            **os.environ,
            "LD_LIBRARY_PATH": str(self.library),
            "NVML_STUB_CONF": str(self.conf),
        }

    def command(self) -> tuple[str, ...]:
        """Return a child command that finds this driver, whatever the caller's."""
        from installer.gpu.probe import CHILD  # noqa: PLC0415  keeps import light

        found = self.environment()
        names = ("LD_LIBRARY_PATH", "NVML_STUB_CONF")
        return ("env", *(f"{name}={found[name]}" for name in names), *CHILD)
