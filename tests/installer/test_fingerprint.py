"""Which facts of a host identify it, read from folders that pretend to be one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from installer.fingerprint import HostIdentity, SystemProbes, collect_fingerprint
from installer.nvml.readings import Unsupported
from offline_license.fingerprint import Group
from tests.support.gpus import gpu_device, gpu_report

if TYPE_CHECKING:
    from pathlib import Path

MAC = "3c:fd:fe:aa:bb:01"


class Probes:
    """Answers of the system calls."""

    def __init__(self, **macs: str) -> None:
        self.macs = macs

    def endorsement(self, chip: Path) -> str:
        if not chip.exists():
            raise FileNotFoundError(2, "No such file or directory")
        return "d31287f0"

    def permanent_mac(self, interface: str) -> str:
        if interface not in self.macs:
            raise OSError(95, "Operation not supported")
        return self.macs[interface]

    def volume_uuid(self, folder: Path) -> str:
        if not folder.is_dir():
            raise OSError(2, "No such file or directory")
        return "9f3a7c1e-0d55-4a39-9a41-6f1f7f1f3b2a"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A bare-metal machine with one card, a bridge and a virtual function."""
    write(tmp_path, "dev/tpmrm0", "")
    write(tmp_path, "etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n")
    write(tmp_path, "sys/class/dmi/id/product_uuid", "4C4C4544-0044-3510-8052\n")
    write(tmp_path, "sys/class/dmi/id/sys_vendor", "Dell Inc.\n")
    write(tmp_path, "sys/class/dmi/id/board_serial", ".8R5D.CN70163.\n")
    (tmp_path / "sys/class/net/eno1/device").mkdir(parents=True)
    (tmp_path / "sys/class/net/docker0/bridge").mkdir(parents=True)
    (tmp_path / "sys/class/net/eno1v0/device/physfn").mkdir(parents=True)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    place = root / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def collect(root: Path, probes: Probes | None = None) -> HostIdentity:
    return collect_fingerprint(
        root=root,
        data_dir=root / "var/lib/anechoic",
        gpu=gpu_report(gpu_device(0), gpu_device(1, uuid=Unsupported("no"))),
        probes=probes or Probes(eno1=MAC, docker0="02:42:00:00:00:01", eno1v0=MAC),
    )


def test_a_bare_machine_offers_every_group(root: Path) -> None:
    identity = collect(root)

    assert identity.facts == {
        Group.TPM_EK: ("d31287f0",),
        Group.PRODUCT_UUID: ("4C4C4544-0044-3510-8052",),
        Group.BOARD_SERIAL: (".8R5D.CN70163.",),
        Group.MACHINE_ID: ("3d1219c7c4c5404aaa1f6d2a48adfda4",),
        Group.DATA_VOLUME: ("9f3a7c1e-0d55-4a39-9a41-6f1f7f1f3b2a",),
        Group.NIC_SET: (MAC,),
        Group.GPU_SET: ("GPU-5f0c1b52-0000-4000-8000-000000000000",),
    }
    assert identity.missing == {}


@pytest.mark.parametrize(
    ("name", "group"),
    [("product_uuid", Group.PRODUCT_UUID), ("board_serial", Group.BOARD_SERIAL)],
)
@pytest.mark.parametrize(
    "constant",
    [
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "03000200-0400-0500-0006-000700080009",
        "To be filled by O.E.M.",
        "Default string",
        " ",
    ],
)
def test_constants_of_careless_makers_identify_nobody(
    root: Path, name: str, group: Group, constant: str
) -> None:
    write(root, f"sys/class/dmi/id/{name}", constant)

    identity = collect(root)

    assert group not in identity.facts
    assert identity.missing[group] == "nothing that identifies this host"


def test_the_chassis_stands_in_for_a_silent_board(root: Path) -> None:
    write(root, "sys/class/dmi/id/board_serial", "Default string")
    write(root, "sys/class/dmi/id/chassis_serial", "8R5D3510")

    assert collect(root).facts[Group.BOARD_SERIAL] == ("8R5D3510",)


@pytest.mark.parametrize("vendor", ["VMware, Inc.", "QEMU", "Microsoft Corporation"])
def test_a_virtual_board_is_not_counted_beside_its_uuid(
    root: Path, vendor: str
) -> None:
    write(root, "sys/class/dmi/id/sys_vendor", vendor)

    assert Group.BOARD_SERIAL not in collect(root).facts


def test_a_card_without_a_permanent_address_counts_by_its_set_one(root: Path) -> None:
    write(root, "sys/class/net/eno1/address", f"{MAC}\n")
    write(root, "sys/class/net/eno1/addr_assign_type", "0\n")

    assert collect(root, Probes()).facts[Group.NIC_SET] == (MAC,)


def test_an_address_the_kernel_invented_does_not_count(root: Path) -> None:
    write(root, "sys/class/net/eno1/address", f"{MAC}\n")
    write(root, "sys/class/net/eno1/addr_assign_type", "1\n")

    assert Group.NIC_SET not in collect(root, Probes()).facts


def test_a_host_without_any_of_it_gives_reasons_and_no_error(tmp_path: Path) -> None:
    identity = collect_fingerprint(
        root=tmp_path, data_dir=tmp_path, gpu=None, probes=Probes()
    )

    assert set(identity.facts) == {Group.DATA_VOLUME}
    assert identity.missing[Group.MACHINE_ID] == "No such file or directory"
    assert set(identity.facts) | set(identity.missing) == set(Group)


def test_serial_numbers_stay_out_of_the_repr(root: Path) -> None:
    assert "8R5D" not in repr(collect(root))


def test_this_machine_can_be_asked() -> None:
    with pytest.raises(OSError, match=r"device|supported"):
        SystemProbes().permanent_mac("no-such-card")


def test_the_volume_of_this_machine_is_a_uuid_or_a_reason(tmp_path: Path) -> None:
    with contextlib.suppress(OSError):
        assert len(SystemProbes().volume_uuid(tmp_path)) >= len("1234-5678")
