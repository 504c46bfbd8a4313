"""What preflight knows about a host, before any judgment.

Every group is a `Reading`: a group that could not be read in time says why, and
the checks that need it say so instead of guessing. Sizes are bytes, times are
seconds since 1970 (UTC).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from installer.nvml.readings import Reading, Unsupported

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    from installer.nvml.model import GpuReport


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelFacts:
    """The running kernel.

    Attributes:
        release: as `uname -r` gives it.
        machine: as `uname -m` gives it.
        cgroup_version: 1, 2, or 0 where none is mounted.
        cgroup_controllers: of version 2 the offered ones, of 1 the enabled ones.
        overlay: an overlay file system can be mounted.
        core_pattern: content of /proc/sys/kernel/core_pattern.
    """

    release: str
    machine: str
    cgroup_version: int
    cgroup_controllers: frozenset[str]
    overlay: bool
    core_pattern: str = "core"


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuFacts:
    """The processor: `usable` counts the cores this process may run on."""

    model: str
    usable: int
    flags: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapArea:
    """One swap device or file."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFacts:
    """Main memory; `available_bytes` is what the kernel can give without swapping."""

    total_bytes: int
    available_bytes: int
    swaps: tuple[SwapArea, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFacts:
    """The file system that holds `path`; `device` tells two of them apart."""

    path: Path
    device: int
    total_bytes: int
    free_bytes: int
    free_files: int
    kind: str = ""
    read_only: bool = False
    no_exec: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A TCP port somebody listens on; program empty where it may not be seen."""

    address: str
    port: int
    pid: int | None = None
    program: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One IPv4 route; `direct` where no gateway stands between."""

    network: IPv4Network
    interface: str
    direct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFacts:
    """Listeners, routes and the host's own addresses."""

    listeners: tuple[Listener, ...]
    routes: tuple[Route, ...]
    addresses: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts:
    """The wall clock; `synchronized` None where the kernel does not say."""

    wall: float
    synchronized: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallFacts:
    """The nft program, and whether the kernel answered it."""

    program: str
    answer: Reading[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaFacts:
    """What shows of NVIDIA without its driver's help.

    Attributes:
        pci_gpus: bus ids of NVIDIA display and 3D controllers.
        module_version: of the loaded kernel module, empty where none is.
        nouveau: the open display driver is loaded.
        toolkit: path of nvidia-ctk or nvidia-container-runtime, empty where none.
        cdi_files: CDI descriptions of NVIDIA devices.
    """

    pci_gpus: tuple[str, ...] = ()
    module_version: str = ""
    nouveau: bool = False
    toolkit: str = ""
    cdi_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """The container engine, as its adapter describes it.

    Attributes:
        name: "docker" or "podman".
        root_dir: where it keeps images and containers, on this host.
        runtimes: names of the OCI runtimes it knows.
        cdi_devices: CDI device names it offers.
        swap_limit: it can keep a container from swapping.
        own_ports, own_subnets: held by containers and networks of this product,
            so that a second run does not complain about the first.
        other_subnets: of all other networks of the engine.
    """

    name: str
    version: str
    api_version: str = ""
    storage_driver: str = ""
    root_dir: Path = Path("/var/lib/docker")
    cgroup_version: int = 0
    runtimes: tuple[str, ...] = ()
    cdi_devices: tuple[str, ...] = ()
    rootless: bool = False
    swap_limit: bool = True
    own_ports: frozenset[int] = frozenset()
    own_subnets: frozenset[str] = frozenset()
    other_subnets: frozenset[str] = frozenset()


NO_ENGINE: Reading[EngineFacts] = Unsupported("no container engine was asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """Everything the checks look at.

    Attributes:
        engine_programs: container engines found on the PATH, running or not.
        disks: file systems by purpose, "state" and "engine".
    """

    taken_at: float
    kernel: Reading[KernelFacts]
    cpu: Reading[CpuFacts]
    memory: Reading[MemoryFacts]
    network: Reading[NetworkFacts]
    clock: Reading[ClockFacts]
    firewall: Reading[FirewallFacts]
    nvidia: Reading[NvidiaFacts]
    gpu: GpuReport
    engine: Reading[EngineFacts] = NO_ENGINE
    engine_programs: tuple[str, ...] = ()
    disks: dict[str, Reading[DiskFacts]] = field(default_factory=dict)
