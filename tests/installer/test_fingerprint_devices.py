"""What comes and goes beside the hardware changes nothing (cases 47 and 48).

Real bridges, pairs and tunnels in a network namespace of the kernel's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.installer.test_fingerprint import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMESPACE = f"anxfp{os.getpid()}"
VIRTUAL = {
    "docker0": "link add docker0 type bridge",
    "veth7f3a": "link add veth7f3a type veth peer name eth9",
    "tailscale0": "tuntap add tailscale0 mode tun",
    "tap0": "tuntap add tap0 mode tap",
    "vxlan5": "link add vxlan5 type vxlan id 5 dstport 4789",
    "macvlan0": "link add link eth9 name macvlan0 type macvlan",
}


def ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=True)
    return done.stdout


def inside(*command: str) -> str:
    return ip("netns", "exec", NAMESPACE, *command)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A host with one card, and a namespace whose interfaces stand beside it."""
    write(tmp_path, "etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n")
    write(tmp_path, "etc/hostname", "asr-box\n")
    write(tmp_path, "sys/class/dmi/id/product_uuid", "4C4C4544-0044-3510-8052\n")
    write(tmp_path, "sys/class/dmi/id/sys_vendor", "Dell Inc.\n")
    write(tmp_path, "sys/class/dmi/id/board_serial", ".8R5D.CN70163.\n")
    (tmp_path / "sys/class/net/eno1/device").mkdir(parents=True)
    ip("netns", "add", NAMESPACE)
    yield tmp_path
    ip("netns", "del", NAMESPACE)


def collected(root: Path, *wrapper: str) -> tuple[str, list[str]]:
    command = (sys.executable, "-m", "tests.support.collect_here", str(root))
    answer = json.loads(inside(*wrapper, *command))
    return answer["host"], answer["interfaces"]


def test_interfaces_that_are_no_hardware_come_and_go_unnoticed(root: Path) -> None:
    before, _ = collected(root)
    assert "nic-set" in before

    for command in VIRTUAL.values():
        inside("ip", *command.split())
    (root / "sys/class/net/bond0/bonding").mkdir(parents=True)
    among_them, interfaces = collected(root)

    assert {*VIRTUAL, "bond0", "eno1"} <= set(interfaces)
    assert among_them == before

    inside("ip", "link", "del", "docker0")
    inside("ip", "link", "del", "veth7f3a")
    (root / "sys/class/net/bond0/bonding").rmdir()
    (root / "sys/class/net/bond0").rmdir()
    assert collected(root)[0] == before


def test_another_host_name_and_address_change_nothing(root: Path) -> None:
    before, _ = collected(root)

    inside("ip", "address", "add", "192.0.2.77/24", "dev", "lo")
    write(root, "etc/hostname", "renamed\n")
    renamed = ("unshare", "--uts", "sh", "-c", 'hostname renamed; exec "$@"', "sh")

    assert collected(root, *renamed)[0] == before
