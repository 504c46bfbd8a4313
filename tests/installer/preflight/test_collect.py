"""Collecting on this very machine, and on folders that pretend to be another."""

from __future__ import annotations

import os
import socket
import threading
import time
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from installer.nvml.readings import Failed, Unsupported, Value
from installer.preflight import EngineFacts, collect_facts, parsing
from installer.preflight.collect import HostReader, read_clock, read_listeners
from installer.preflight.deadline import Pending
from installer.preflight.facts import Route, SwapArea
from tests.support.machines import NO_GPU

PROC = {
    "proc/sys/kernel/osrelease": "5.10.0-30-amd64\n",
    "proc/sys/kernel/core_pattern": "|/usr/share/apport/apport %p\n",
    "proc/filesystems": "nodev\tsysfs\n\text4\n",
    "proc/self/mounts": (
        "/dev/sda1 / ext4 rw,relatime 0 0\n"
        "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
        "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu,cpuacct 0 0\n"
        "/dev/sdb1 /mnt/my\\040disk xfs ro 0 0\n"
    ),
    "proc/cpuinfo": (
        "processor\t: 0\nmodel name\t: AMD EPYC 7543\nflags\t\t: fpu avx2 sha_ni\n\n"
        "processor\t: 1\nmodel name\t: other\nflags\t\t: none\n"
    ),
    "proc/meminfo": "MemTotal:  2048 kB\nMemAvailable:  1024 kB\nHugePages_Total: 3\n",
    "proc/swaps": "Filename Type Size Used Priority\n/dev/sda2 partition 1024 0 -2\n",
    "proc/net/route": (
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWin\tIRTT\n"
        "eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        "gone\t0000000A\t00000000\t0000\t0\t0\t0\t000000FF\t0\t0\t0\n"
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in PROC.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return tmp_path


def test_this_machine_is_read_within_the_deadline(tmp_path: Path) -> None:
    facts = collect_facts(None, state_dir=tmp_path / "not" / "yet", gpu=NO_GPU)

    for group in (facts.kernel, facts.cpu, facts.memory, facts.network, facts.nvidia):
        assert isinstance(group, Value), group
    assert isinstance(facts.disks["state"], Value)
    assert facts.disks["state"].value.free_bytes > 0


def test_an_engine_that_raises_becomes_a_reading(tmp_path: Path) -> None:
    def refuse() -> EngineFacts:
        raise ConnectionRefusedError("nobody listens on the socket")

    facts = collect_facts(refuse, state_dir=tmp_path, gpu=NO_GPU)

    assert facts.engine == Failed("nobody listens on the socket")
    assert set(facts.disks) == {"state"}


def test_the_disk_of_the_engine_is_looked_at_when_it_answers(tmp_path: Path) -> None:
    engine = EngineFacts(name="docker", version="28.0", root_dir=tmp_path)

    facts = collect_facts(lambda: engine, state_dir=tmp_path, gpu=NO_GPU)

    assert set(facts.disks) == {"state", "engine"}


def test_an_engine_that_hangs_costs_the_deadline_and_nothing_else(
    tmp_path: Path,
) -> None:
    release = threading.Event()

    def hang() -> EngineFacts:
        release.wait(60)
        raise AssertionError

    facts = collect_facts(hang, state_dir=tmp_path, gpu=NO_GPU, deadline_s=2.0)
    release.set()

    assert facts.engine == Failed("no answer within 2 s")
    assert isinstance(facts.memory, Value)


def test_no_engine_asked_is_unsupported(tmp_path: Path) -> None:
    facts = collect_facts(None, state_dir=tmp_path, gpu=NO_GPU)

    assert facts.engine == Unsupported("no container engine was asked")


def test_kernel_facts_come_from_files(root: Path) -> None:
    kernel = HostReader(root).kernel()

    assert kernel.release == "5.10.0-30-amd64"
    assert kernel.cgroup_version == 1
    assert {"memory", "cpu", "cpuacct"} <= kernel.cgroup_controllers
    assert kernel.core_pattern.startswith("|/usr/share/apport")
    assert not kernel.overlay


def test_overlay_may_be_a_module_that_is_not_loaded(root: Path) -> None:
    modules = root / "lib/modules/5.10.0-30-amd64/modules.dep"
    modules.parent.mkdir(parents=True)
    modules.write_text("kernel/fs/overlayfs/overlay.ko.xz:\n")

    assert HostReader(root).kernel().overlay


def test_the_unified_hierarchy_is_version_two(root: Path) -> None:
    unified = root / "sys/fs/cgroup/cgroup.controllers"
    unified.parent.mkdir(parents=True)
    unified.write_text("cpu memory pids\n")

    kernel = HostReader(root).kernel()

    assert kernel.cgroup_version == 2
    assert kernel.cgroup_controllers == {"cpu", "memory", "pids"}


def test_the_first_processor_speaks_for_all(root: Path) -> None:
    cpu = HostReader(root).cpu()

    assert cpu.model == "AMD EPYC 7543"
    assert cpu.flags == {"fpu", "avx2", "sha_ni"}
    assert cpu.usable == len(os.sched_getaffinity(0))


def test_memory_and_swap_are_bytes(root: Path) -> None:
    memory = HostReader(root).memory()

    assert memory.total_bytes == 2048 * 1024
    assert memory.swaps == (SwapArea(name="/dev/sda2", size_bytes=1024 * 1024),)


def test_routes_that_are_down_are_left_out() -> None:
    assert parsing.parse_routes(PROC["proc/net/route"]) == (
        Route(network=IPv4Network("0.0.0.0/0"), interface="eth0", direct=False),
        Route(network=IPv4Network("192.168.0.0/24"), interface="eth0", direct=True),
    )


def test_the_mount_of_a_folder_is_the_deepest_one() -> None:
    mounts = list(parsing.parse_mounts(PROC["proc/self/mounts"]))

    inside = parsing.covering_mount(Path("/mnt/my disk/a"), iter(mounts))
    outside = parsing.covering_mount(Path("/mnt/my disk2"), iter(mounts))

    assert inside is not None
    assert inside.kind == "xfs"
    assert outside is not None
    assert outside.kind == "ext4"


def test_nvidia_leaves_traces_without_its_driver(root: Path) -> None:
    for name in ("sys/module/nouveau/x", "etc/cdi/nvidia.yaml", "run/cdi/amd.json"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()

    nvidia = HostReader(root).nvidia()

    assert nvidia.nouveau
    assert nvidia.cdi_files == ("/etc/cdi/nvidia.yaml",)
    assert nvidia.module_version == ""


def test_our_own_listeners_are_left_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert port not in {one.port for one in read_listeners()}


def test_the_clock_is_this_machines() -> None:
    assert abs(read_clock().wall - time.time()) < 5


def test_a_slow_reading_gives_up_and_a_failed_one_says_why() -> None:
    release = threading.Event()
    slow = Pending(lambda: release.wait(60), 0.05)

    def fail() -> None:
        raise PermissionError

    assert slow.result() == Failed("no answer within 0.05 s")
    assert Pending(fail, 5).result() == Failed("PermissionError")
    release.set()
