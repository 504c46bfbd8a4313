"""Read the facts about this host; the only module of preflight that looks.

Each group is read in a thread of its own, all at once, with one deadline. Files
are taken from under `root`, so a test can show it another machine.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import psutil

from appliance.process import run
from installer.gpu.pci import nvidia_gpus
from installer.gpu.probe import probe
from installer.nvml.model import GpuReport, Trouble
from installer.nvml.readings import Reading, Unsupported, Value
from installer.preflight import parsing
from installer.preflight.deadline import Pending
from installer.preflight.facts import (
    NO_ENGINE,
    ClockFacts,
    CpuFacts,
    DiskFacts,
    EngineFacts,
    FirewallFacts,
    HostFacts,
    KernelFacts,
    Listener,
    MemoryFacts,
    NetworkFacts,
    NvidiaFacts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_PATH: Final = os.pathsep.join(
    (os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin")
)
_ENGINES: Final = ("dockerd", "podman")
_TIME_ERROR: Final = 5
_TIMEX_BYTES: Final = 512
_MARGIN_S: Final = 1.0
# Without NVIDIA's persistence mode the driver wakes every card for the first reader.
_WAKING: Final = 2


def collect_facts(
    engine: Callable[[], EngineFacts] | None,
    *,
    state_dir: Path,
    root: Path = Path("/"),
    deadline_s: float = 10.0,
    gpu: GpuReport | None = None,
) -> HostFacts:
    """Read everything the checks need; blocks for twice the deadline at most.

    Args:
        engine: asks the container engine; whatever it raises becomes a reading.
        state_dir: where the appliance will keep its data; need not exist.
        root: where the files of the host are looked for.
        deadline_s: for each of two rounds, because the disk of the engine is known
            only after the engine answered; the GPU driver has both.
        gpu: a report taken before; without one the driver is asked.
    """
    host = HostReader(root)

    def begin(call: Callable[[], T]) -> Pending[T]:
        return Pending(call, deadline_s)

    asked = begin(engine) if engine else None
    waking_s = _WAKING * deadline_s
    cards = Pending(lambda: gpu or probe(waking_s), waking_s + _MARGIN_S)
    kernel, cpu, memory = begin(host.kernel), begin(host.cpu), begin(host.memory)
    network, nvidia = begin(host.network), begin(host.nvidia)
    firewall = begin(lambda: read_firewall(deadline_s))
    engine_facts = asked.result() if asked else NO_ENGINE
    disks = {
        purpose: begin(lambda path=path: host.disk(path))  # type: ignore[misc]
        for purpose, path in _places(state_dir, engine_facts).items()
    }
    return HostFacts(
        taken_at=time.time(),
        kernel=kernel.result(),
        cpu=cpu.result(),
        memory=memory.result(),
        network=network.result(),
        clock=Value(read_clock()),
        firewall=firewall.result(),
        nvidia=nvidia.result(),
        gpu=_report(cards.result()),
        engine=engine_facts,
        engine_programs=tuple(name for name in _ENGINES if find_program(name)),
        disks={purpose: pending.result() for purpose, pending in disks.items()},
    )


def _places(state_dir: Path, engine: Reading[EngineFacts]) -> dict[str, Path]:
    places = {"state": state_dir}
    if isinstance(engine, Value):
        places["engine"] = engine.value.root_dir
    return places


def _report(reading: Reading[GpuReport]) -> GpuReport:
    if isinstance(reading, Value):
        return reading.value
    why = "the probe itself did not come back"
    return GpuReport(taken_at=time.time(), trouble=Trouble.NOT_RESPONDING, detail=why)


def find_program(name: str) -> str:
    """Give the path of a program, also from root's own folders; else empty."""
    return shutil.which(name, path=_PATH) or ""


def read_clock() -> ClockFacts:
    """Read the wall clock, and whether the kernel follows a time server."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    known = None if state < 0 else state != _TIME_ERROR
    return ClockFacts(wall=time.time(), synchronized=known)


def read_firewall(deadline_s: float) -> FirewallFacts:
    """Ask nft for its version and, to see that the kernel answers, its tables."""
    program = find_program("nft")
    if not program:
        return FirewallFacts(program="", answer=Unsupported("nft is not installed"))

    def ask() -> str:
        version = run([program, "--version"], timeout_s=deadline_s).decode().strip()
        run([program, "list", "tables"], timeout_s=deadline_s)
        return version

    return FirewallFacts(program=program, answer=Pending(ask, deadline_s).result())


def read_listeners() -> Iterator[Listener]:
    """List the TCP ports others listen on; our own process is left out."""
    for one in psutil.net_connections(kind="tcp"):
        if one.laddr and one.status == psutil.CONN_LISTEN and one.pid != os.getpid():
            yield Listener(
                address=one.laddr.ip.removeprefix("::ffff:"),
                port=one.laddr.port,
                pid=one.pid,
                program=_program_of(one.pid),
            )


def _program_of(pid: int | None) -> str:
    try:
        return psutil.Process(pid).name() if pid else ""
    except psutil.Error:
        return ""


class HostReader:
    """Reads files of the host from under a root folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def kernel(self) -> KernelFacts:
        """Read version, control groups, overlay and the core pattern."""
        version, controllers = self._cgroups()
        release = self._text("proc/sys/kernel/osrelease").strip()
        return KernelFacts(
            release=release,
            machine=platform.machine(),
            cgroup_version=version,
            cgroup_controllers=controllers,
            overlay=self._has_overlay(release),
            core_pattern=self._text("proc/sys/kernel/core_pattern").strip(),
        )

    def cpu(self) -> CpuFacts:
        """Read the processor's model, flags and usable cores."""
        model, flags = parsing.parse_cpu(self._text("proc/cpuinfo"))
        return CpuFacts(model=model, usable=len(os.sched_getaffinity(0)), flags=flags)

    def memory(self) -> MemoryFacts:
        """Read memory sizes and swap areas."""
        figures = parsing.parse_meminfo(self._text("proc/meminfo"))
        return MemoryFacts(
            total_bytes=figures["MemTotal"],
            available_bytes=figures["MemAvailable"],
            swaps=parsing.parse_swaps(self._text("proc/swaps")),
        )

    def network(self) -> NetworkFacts:
        """Read listeners, routes and addresses."""
        addresses = frozenset(
            one.address
            for several in psutil.net_if_addrs().values()
            for one in several
            if one.family.name == "AF_INET"
        )
        return NetworkFacts(
            listeners=tuple(read_listeners()),
            routes=parsing.parse_routes(self._text("proc/net/route")),
            addresses=addresses,
        )

    def disk(self, path: Path) -> DiskFacts:
        """Read the file system that holds, or will hold, a folder."""
        place = path
        while not place.exists():
            place = place.parent
        figures = os.statvfs(place)
        mounts = parsing.parse_mounts(self._text("proc/self/mounts"))
        mount = parsing.covering_mount(place.resolve(), mounts)
        return DiskFacts(
            path=path,
            device=place.stat().st_dev,
            total_bytes=figures.f_blocks * figures.f_frsize,
            free_bytes=figures.f_bavail * figures.f_frsize,
            free_files=figures.f_favail,
            kind=mount.kind if mount else "",
            read_only=bool(figures.f_flag & os.ST_RDONLY),
            no_exec=bool(figures.f_flag & os.ST_NOEXEC),
        )

    def nvidia(self) -> NvidiaFacts:
        """Look for NVIDIA hardware, modules and container tools."""
        module = self._root / "sys/module/nvidia/version"
        return NvidiaFacts(
            pci_gpus=nvidia_gpus(self._root),
            module_version=module.read_text().strip() if module.exists() else "",
            nouveau=(self._root / "sys/module/nouveau").exists(),
            toolkit=find_program("nvidia-ctk")
            or find_program("nvidia-container-runtime"),
            cdi_files=tuple(sorted(self._cdi_files())),
        )

    def _text(self, name: str) -> str:
        return (self._root / name).read_text(errors="replace")

    def _cgroups(self) -> tuple[int, frozenset[str]]:
        unified = self._root / "sys/fs/cgroup/cgroup.controllers"
        if unified.exists():
            return 2, frozenset(unified.read_text().split())
        mounts = parsing.parse_mounts(self._text("proc/self/mounts"))
        options = [mount.options for mount in mounts if mount.kind == "cgroup"]
        found: frozenset[str] = frozenset().union(*options)
        return (1 if options else 0), found

    def _has_overlay(self, release: str) -> bool:
        if "overlay" in self._text("proc/filesystems").split():
            return True
        modules = self._root / "lib/modules" / release / "modules.dep"
        return modules.exists() and "/overlay.ko" in modules.read_text()

    def _cdi_files(self) -> Iterator[str]:
        for folder in ("etc/cdi", "run/cdi"):
            for file in (self._root / folder).glob("*nvidia*"):
                yield f"/{folder}/{file.name}"
