"""Every check on simulated machines: what is fine, what is wrong, what is unknown."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest

from installer.findings import Finding, Severity
from installer.gpu import kinds as gpu_kinds
from installer.nvml.readings import Failed, Unsupported, Value
from installer.preflight import CHECKS, Needs, run_check, run_checks, run_preflight
from installer.preflight import kinds as host
from installer.preflight.facts import ClockFacts, Listener, Route, SwapArea
from installer.settings import Compute, Settings
from tests.support.gpus import gpu_report
from tests.support.machines import DISK, ENGINE, GIB, NETWORK, NOW, machine

NEEDS = Needs.of(Settings())


def found(name: str, *, needs: Needs = NEEDS, **changes: Any) -> tuple[Finding, ...]:  # noqa: ANN401
    return run_check(name, needs, machine(**changes)).findings


def codes(name: str, **changes: Any) -> list[str]:  # noqa: ANN401
    return [one.code for one in found(name, **changes)]


def test_a_good_machine_without_a_gpu_only_hears_of_cpu_mode() -> None:
    findings = run_preflight(Settings(), machine())

    assert [(one.code, one.severity) for one in findings] == [
        (gpu_kinds.NO_GPU.code, Severity.WARNING)
    ]


def test_a_good_machine_with_a_gpu_hears_of_nothing() -> None:
    engine = dataclasses.replace(ENGINE, runtimes=("runc", "nvidia"))

    assert (
        run_preflight(Settings(), machine(gpu=gpu_report(), engine=Value(engine))) == ()
    )


def test_every_check_is_listed_once_and_says_what_it_saw() -> None:
    results = run_checks(NEEDS, machine())

    assert len({result.name for result in results}) == len(results) == len(CHECKS)
    assert all(result.detail and result.title and result.topic for result in results)


def test_findings_come_worst_first() -> None:
    bad = machine(clock={"wall": 0.0}, kernel={"machine": "aarch64"})

    severities = [one.severity for one in run_preflight(Settings(), bad)]

    assert severities == [Severity.ERROR, Severity.WARNING, Severity.WARNING]


def test_one_check_is_run_again_alone() -> None:
    result = run_check("clock", NEEDS, machine())

    assert result.name == "clock"
    assert result.ok


def test_an_unknown_check_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        run_check("horoscope", NEEDS, machine())


@pytest.mark.parametrize(
    ("check", "changes", "kind"),
    [
        ("kernel-version", {"kernel": {"release": "3.10.0-1160.el7"}}, host.KERNEL_OLD),
        ("kernel-version", {"kernel": {"release": "unnamed"}}, host.KERNEL_OLD),
        ("architecture", {"kernel": {"machine": "aarch64"}}, host.ARCHITECTURE),
        ("control-groups", {"kernel": {"cgroup_version": 0}}, host.CGROUPS),
        (
            "control-groups",
            {"kernel": {"cgroup_controllers": frozenset({"cpu", "pids"})}},
            host.CGROUPS,
        ),
        ("overlay", {"kernel": {"overlay": False}}, host.OVERLAY),
        (
            "crash-dumps",
            {"kernel": {"core_pattern": "|/usr/share/apport/apport %p"}},
            host.CORE_DUMPS,
        ),
        ("cpu-cores", {"cpu": {"usable": 1}}, host.CPU_FEW),
        ("cpu-instructions", {"cpu": {"flags": frozenset({"sha_ni"})}}, host.CPU_FLAGS),
        ("cpu-instructions", {"cpu": {"flags": frozenset({"avx2"})}}, host.CPU_SHA),
        ("memory", {"memory": {"total_bytes": 1 * GIB}}, host.MEMORY_LOW),
        ("memory", {"memory": {"total_bytes": 3 * GIB}}, host.MEMORY_TIGHT),
        ("memory", {"memory": {"available_bytes": 1 * GIB}}, host.MEMORY_TIGHT),
        ("clock", {"clock": {"wall": 720.0}}, host.CLOCK_EARLY),
        ("clock", {"clock": {"wall": NOW + 12 * 366 * 86400}}, host.CLOCK_FAR),
        ("firewall", {"firewall": {"program": ""}}, host.NFT_MISSING),
        ("firewall", {"firewall": {"answer": Failed("not permitted")}}, host.NFT_DEAD),
        ("engine-version", {"engine": {"version": "19.03.15"}}, host.ENGINE_OLD),
        ("storage-driver", {"engine": {"storage_driver": "vfs"}}, host.STORAGE_DRIVER),
        ("engine-root", {"engine": {"rootless": True}}, host.ENGINE_ROOTLESS),
    ],
)
def test_a_fault_gets_its_finding(
    check: str, changes: dict[str, Any], kind: object
) -> None:
    (finding,) = found(check, **changes)

    assert finding.code == getattr(kind, "code", None)
    assert finding.evidence


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("kernel-version", {"kernel": {"release": "4.18.0-553.el8_10"}}),
        ("control-groups", {"kernel": {"cgroup_version": 1}}),
        (
            "crash-dumps",
            {"kernel": {"core_pattern": "|/usr/lib/systemd/systemd-coredump %P"}},
        ),
        ("memory", {"memory": {"total_bytes": int(3.8 * GIB)}}),
        ("clock", {"clock": {"synchronized": None}}),
        ("engine-version", {"engine": {"version": "28.2.2"}}),
        ("engine-version", {"engine": {"name": "podman", "version": "4.3.1"}}),
        (
            "disk-files",
            {"disks": {"state": Value(dataclasses.replace(DISK, free_files=0))}},
        ),
    ],
)
def test_what_is_normal_is_no_finding(check: str, changes: dict[str, Any]) -> None:
    assert found(check, **changes) == ()


@pytest.mark.parametrize(
    ("group", "check"),
    [
        ("kernel", "kernel-version"),
        ("cpu", "cpu-cores"),
        ("memory", "memory"),
        ("network", "ports"),
        ("network", "subnets"),
        ("clock", "clock"),
        ("firewall", "firewall"),
    ],
)
def test_a_fact_that_could_not_be_read_warns_and_does_not_guess(
    group: str, check: str
) -> None:
    changes: dict[str, Any] = {group: Failed("no answer within 5 s")}

    (finding,) = found(check, **changes)

    assert finding.code == host.NOT_READ.code
    assert finding.severity is Severity.WARNING
    assert "no answer within 5 s" in finding.evidence


def test_no_time_server_is_no_fault_of_an_isolated_host() -> None:
    result = run_check("clock", NEEDS, machine())

    assert result.findings == ()
    assert "runs freely" in result.detail


def test_the_build_time_of_the_release_moves_the_clock_limit() -> None:
    needs = Needs.of(Settings(), built_at=NOW + 86400)

    assert codes("clock", needs=needs) == [host.CLOCK_EARLY.code]


def test_a_clock_beyond_all_calendars_is_a_finding_and_no_crash() -> None:
    beyond = Value(ClockFacts(wall=1e12, synchronized=None))

    assert codes("clock", clock=beyond) == [host.CLOCK_FAR.code]


# disks


def test_a_shared_file_system_is_counted_once() -> None:
    needs = Needs.of(Settings(), payload_bytes=150 * GIB)

    (finding,) = found("disk-space", needs=needs)

    assert finding.code == host.DISK_FULL.code
    assert "expected 151.0 GiB free, found 100.0 GiB" in finding.evidence


def test_a_separate_full_state_disk_is_named() -> None:
    full = dataclasses.replace(DISK, path=Path("/state"), device=2, free_bytes=0)

    (finding,) = found(
        "disk-space", disks={"state": Value(full), "engine": Value(DISK)}
    )

    assert finding.evidence.startswith("/state: expected 1.0 GiB free, found 0 bytes")


def test_before_the_engine_answers_the_state_disk_must_hold_the_reserve() -> None:
    needs = Needs.of(Settings(), payload_bytes=5 * GIB)

    assert found("disk-space", needs=needs, disks={"state": Value(DISK)}) == ()


def test_few_inodes_and_a_read_only_disk_are_errors() -> None:
    sick = {"state": Value(dataclasses.replace(DISK, free_files=9, read_only=True))}

    assert codes("disk-files", disks=sick) == [host.DISK_FILES.code]
    assert codes("disk-mounts", disks=sick) == [host.DISK_READ_ONLY.code]


def test_a_separate_state_disk_must_hold_the_model() -> None:
    needs = Needs.of(Settings(), payload_bytes=9 * GIB, state_bytes=3 * GIB)
    small = dataclasses.replace(DISK, device=2, free_bytes=7 * GIB)
    tiny = dataclasses.replace(small, free_bytes=3 * GIB)
    disks = {"state": Value(DISK), "engine": Value(small)}

    assert found("disk-space", needs=needs, disks=disks) == ()
    assert codes("disk-space", needs=needs, disks=disks | {"state": Value(tiny)}) == [
        host.DISK_FULL.code
    ]


def test_images_on_a_disk_that_forbids_programs_cannot_run() -> None:
    forbidding = Value(dataclasses.replace(DISK, no_exec=True))

    engine = codes("disk-mounts", disks={"state": Value(DISK), "engine": forbidding})
    state = codes("disk-mounts", disks={"state": forbidding, "engine": Value(DISK)})

    assert engine == [host.DISK_NO_EXEC.code]
    assert state == []


def test_a_disk_that_hangs_is_named_by_its_purpose() -> None:
    (finding,) = found("disk-space", disks={"state": Failed("no answer within 5 s")})

    assert finding.code == host.DISK_UNREADABLE.code
    assert finding.evidence == "state: no answer within 5 s"


# swap


def swapping(name: str, *, limit: bool) -> dict[str, Any]:
    area = SwapArea(name=name, size_bytes=GIB)
    return {"memory": {"swaps": (area,)}, "engine": {"swap_limit": limit}}


def test_swap_that_cannot_be_limited_could_carry_speech_to_a_disk() -> None:
    assert codes("swap", **swapping("/dev/sda2", limit=False)) == [host.SWAP_ON.code]


@pytest.mark.parametrize(
    ("name", "limit"), [("/dev/sda2", True), ("/dev/zram0", False)]
)
def test_swap_that_stays_in_memory_or_is_limited_is_fine(
    name: str, *, limit: bool
) -> None:
    assert found("swap", **swapping(name, limit=limit)) == ()


# engine


def test_no_engine_and_a_silent_engine_are_told_apart() -> None:
    why = Failed("connection refused")

    absent = codes("engine", engine=why, engine_programs=())
    silent = codes("engine", engine=why, engine_programs=("dockerd",))

    assert absent == [host.ENGINE_ABSENT.code]
    assert silent == [host.ENGINE_SILENT.code]


def test_an_absent_engine_is_said_once() -> None:
    findings = run_preflight(
        Settings(), machine(engine=Unsupported("not asked"), engine_programs=())
    )

    assert [one.code for one in findings] == [
        host.ENGINE_ABSENT.code,
        gpu_kinds.NO_GPU.code,
    ]


# network


def listening(address: str, port: int) -> dict[str, Any]:
    listener = Listener(address=address, port=port, pid=812, program="nginx")
    return {"network": {"listeners": (listener,)}}


def test_the_holder_of_a_port_is_named() -> None:
    (finding,) = found("ports", **listening("127.0.0.1", 8080))

    assert finding.code == host.PORT_HELD.code
    assert finding.evidence == "API port 8080: held by nginx (process 812)"


@pytest.mark.parametrize(
    ("listen", "held", "clash"),
    [
        ("127.0.0.1", "0.0.0.0", True),
        ("127.0.0.1", "::", True),
        ("127.0.0.1", "192.168.10.5", False),
        ("0.0.0.0", "192.168.10.5", True),
    ],
)
def test_only_overlapping_addresses_clash(
    listen: str, held: str, *, clash: bool
) -> None:
    needs = Needs.of(Settings(listen_address=IPv4Address(listen)))

    assert bool(found("ports", needs=needs, **listening(held, 8080))) is clash


def test_the_dashboard_needs_its_port_on_loopback_only() -> None:
    needs = Needs.of(Settings(listen_address=IPv4Address("0.0.0.0")))

    assert found("ports", needs=needs, **listening("192.168.10.5", 9470)) == ()


def test_a_second_run_does_not_complain_about_its_own_ports_and_networks() -> None:
    engine = {
        "own_ports": frozenset({8080}),
        "own_subnets": frozenset({"10.231.77.0/28", "10.231.78.0/26"}),
    }
    bridge = Route(network=IPv4Network("10.231.77.0/28"), interface="br-1", direct=True)
    network = dataclasses.replace(
        NETWORK,
        routes=(*NETWORK.routes, bridge),
        listeners=(Listener(address="127.0.0.1", port=8080, program="docker-proxy"),),
    )

    assert found("ports", engine=engine, network=Value(network)) == ()
    assert found("subnets", engine=engine, network=Value(network)) == ()


def test_a_foreign_listen_address_is_refused_with_the_own_ones() -> None:
    needs = Needs.of(Settings(listen_address=IPv4Address("10.9.9.9")))

    (finding,) = found("listen-address", needs=needs)

    assert finding.code == host.ADDRESS_FOREIGN.code
    assert "127.0.0.1, 192.168.10.5" in finding.evidence


def routed(network: str, *, direct: bool) -> dict[str, Any]:
    route = Route(network=IPv4Network(network), interface="eth1", direct=direct)
    return {"network": {"routes": (*NETWORK.routes, route)}}


@pytest.mark.parametrize(
    ("network", "direct", "expected"),
    [
        ("10.231.77.0/24", True, [host.SUBNET_TAKEN.code]),
        ("10.0.0.0/8", False, [host.SUBNET_SHADOWS.code] * 2),
        ("0.0.0.0/1", False, []),
        ("172.20.0.0/16", True, []),
    ],
)
def test_a_subnet_must_not_hide_a_network_of_the_site(
    network: str, expected: list[str], *, direct: bool
) -> None:
    assert codes("subnets", **routed(network, direct=direct)) == expected


def test_a_network_of_another_container_is_taken() -> None:
    engine = {"other_subnets": frozenset({"10.231.78.0/24"})}

    (finding,) = found("subnets", engine=engine)

    assert finding.code == host.SUBNET_TAKEN.code
    assert "container network 10.231.78.0/24" in finding.evidence


# GPU


def test_a_gpu_that_containers_cannot_reach_is_a_warning_or_an_error() -> None:
    auto = found("gpu-containers", gpu=gpu_report())
    wanted = Needs.of(Settings(compute=Compute.GPU))
    asked = found("gpu-containers", needs=wanted, gpu=gpu_report())

    assert [one.code for one in (*auto, *asked)] == [gpu_kinds.TOOLKIT_MISSING.code] * 2
    assert [one.severity for one in (*auto, *asked)] == [
        Severity.WARNING,
        Severity.ERROR,
    ]


def test_cdi_is_a_way_to_the_gpu_too() -> None:
    engine = {"cdi_devices": ("nvidia.com/gpu=all",)}

    assert found("gpu-containers", gpu=gpu_report(), engine=engine) == ()


def test_cpu_mode_on_purpose_says_nothing_about_gpus() -> None:
    needs = Needs.of(Settings(compute=Compute.CPU))

    assert run_check("gpu", needs, machine()).findings == ()


def test_gpu_mode_without_a_gpu_stops() -> None:
    needs = Needs.of(Settings(compute=Compute.GPU))

    (finding,) = found("gpu", needs=needs)

    assert finding.severity is Severity.ERROR


def test_nouveau_is_named_when_it_holds_the_card() -> None:
    nvidia = {"nouveau": True, "pci_gpus": ("0000:01:00.0",)}

    assert codes("gpu", nvidia=nvidia) == [
        gpu_kinds.LIBRARY_MISSING.code,
        gpu_kinds.NOUVEAU.code,
    ]
