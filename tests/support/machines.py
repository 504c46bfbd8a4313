"""Simulated machines: what preflight would have read on them."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from installer.nvml.model import GpuReport, Trouble
from installer.nvml.readings import Value
from installer.preflight.facts import (
    ClockFacts,
    CpuFacts,
    DiskFacts,
    EngineFacts,
    FirewallFacts,
    HostFacts,
    KernelFacts,
    MemoryFacts,
    NetworkFacts,
    NvidiaFacts,
    Route,
)

GIB = 1024**3
NOW = 1_796_000_000.0

KERNEL = KernelFacts(
    release="6.1.0-25-amd64",
    machine="x86_64",
    cgroup_version=2,
    cgroup_controllers=frozenset({"cpuset", "cpu", "io", "memory", "pids"}),
    overlay=True,
)
CPU = CpuFacts(
    model="Intel Xeon Gold 6338", usable=16, flags=frozenset({"avx2", "sha_ni"})
)
MEMORY = MemoryFacts(total_bytes=64 * GIB, available_bytes=60 * GIB)
DISK = DiskFacts(
    path=Path("/var/lib/anechoic"),
    device=1,
    total_bytes=400 * GIB,
    free_bytes=100 * GIB,
    free_files=1_000_000,
    kind="ext4",
)
NETWORK = NetworkFacts(
    listeners=(),
    routes=(
        Route(network=IPv4Network("0.0.0.0/0"), interface="eth0", direct=False),
        Route(network=IPv4Network("192.168.10.0/24"), interface="eth0", direct=True),
    ),
    addresses=frozenset({"127.0.0.1", "192.168.10.5"}),
)
ENGINE = EngineFacts(name="docker", version="20.10.24", storage_driver="overlay2")
NO_GPU = GpuReport(
    taken_at=NOW, trouble=Trouble.LIBRARY_MISSING, detail="NVML error 12"
)


def machine(**changes: Any) -> HostFacts:  # noqa: ANN401
    """Build a good machine without a GPU; a dict changes fields inside a group."""
    groups: dict[str, Any] = {
        "kernel": KERNEL,
        "cpu": CPU,
        "memory": MEMORY,
        "network": NETWORK,
        "clock": ClockFacts(wall=NOW, synchronized=False),
        "firewall": FirewallFacts(program="/usr/sbin/nft", answer=Value("v1.0.6")),
        "nvidia": NvidiaFacts(),
        "engine": ENGINE,
    }
    plain = {
        "gpu": NO_GPU,
        "engine_programs": ("dockerd",),
        "disks": {"state": Value(DISK), "engine": Value(DISK)},
    }
    fields: dict[str, Any] = {name: Value(value) for name, value in groups.items()}
    fields |= plain
    for name, change in changes.items():
        if isinstance(change, dict) and name in groups:
            fields[name] = Value(dataclasses.replace(groups[name], **change))
        else:
            fields[name] = change
    return HostFacts(taken_at=NOW, **fields)
