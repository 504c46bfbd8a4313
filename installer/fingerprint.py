"""Collect the facts by which a license recognizes this host.

Run on the host, never in a container, where these files describe the container.
Reading is separated from choosing: a `Host` gives raw text from under a root
folder, the functions below keep what identifies hardware and drop what does not
(bridges, virtual cards, placeholders). Salting and matching belong to
`offline_license.fingerprint`; the raw values are never logged or sent.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from installer.nvml.readings import Value
from installer.tpm import endorsement_digest
from offline_license.fingerprint import Group, normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from installer.nvml.model import GpuReport

__all__ = ["HostIdentity", "HostProbes", "SystemProbes", "collect_fingerprint"]

_SIOCETHTOOL: Final = 0x8946
_ETHTOOL_GPERMADDR: Final = 0x20
_FS_IOC_GETFSUUID: Final = 0x80111500
_MAC_BYTES: Final = 6
_MAX_ADDRESS: Final = 32
_RANDOM_ADDRESS: Final = "1"
# These derive their serial numbers from the UUID: counting both would count twice.
_VIRTUAL_VENDORS: Final = ("vmware", "qemu", "microsoft corporation", "xen", "innotek")

_Found: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostIdentity:
    """The facts that could be read, and why the others could not.

    Attributes:
        facts: raw values by group, as `offline_license` takes them. Not in the
            repr, because serial numbers stay on the host.
        missing: the reason for each group without a fact.
    """

    facts: Mapping[Group, _Found] = field(repr=False)
    missing: Mapping[Group, str]


class HostProbes(Protocol):
    """What needs a system call and not a file; tests give their own."""

    def permanent_mac(self, interface: str) -> str:
        """Give the address burned into a card; raises OSError where there is none."""
        ...

    def volume_uuid(self, folder: Path) -> str:
        """Give the file system's UUID; raises OSError where it has none."""
        ...

    def endorsement(self, chip: Path) -> str:
        """Give what a TPM was endorsed with; raises OSError where there is none."""
        ...


class SystemProbes:
    """The system calls of this machine."""

    def permanent_mac(self, interface: str) -> str:
        """Ask the card's driver (ethtool's GPERMADDR).

        Source: linux/ethtool.h, struct ethtool_perm_addr.
        """
        buffer = ctypes.create_string_buffer(8 + _MAX_ADDRESS)
        struct.pack_into("=II", buffer, 0, _ETHTOOL_GPERMADDR, _MAX_ADDRESS)
        name = interface.encode()[:15]
        request = struct.pack("16sP16x", name, ctypes.addressof(buffer))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            fcntl.ioctl(asking, _SIOCETHTOOL, request)
        size = struct.unpack_from("=I", buffer, 4)[0]
        if size != _MAC_BYTES:
            raise OSError(f"expected an address of {_MAC_BYTES} bytes, found {size}")
        return bytes(buffer.raw[8 : 8 + _MAC_BYTES]).hex(":")

    def endorsement(self, chip: Path) -> str:
        """Ask the chip; its answers are waited for, but not for long."""
        descriptor = os.open(chip, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return endorsement_digest(descriptor)
        finally:
            os.close(descriptor)

    def volume_uuid(self, folder: Path) -> str:
        """Look the device up under /dev/disk/by-uuid, else ask the kernel (6.9)."""
        device = folder.stat().st_dev
        for link in Path("/dev/disk/by-uuid").glob("*"):
            if link.stat().st_rdev == device:
                return link.name
        buffer = bytearray(17)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _FS_IOC_GETFSUUID, buffer)
        finally:
            os.close(descriptor)
        return str(uuid.UUID(bytes=bytes(buffer[1:])))


def collect_fingerprint(
    *,
    data_dir: Path,
    gpu: GpuReport | None = None,
    root: Path = Path("/"),
    probes: HostProbes | None = None,
) -> HostIdentity:
    """Read every group that this host offers; never raises for a missing one.

    Args:
        data_dir: a folder on the data volume, or where it will be.
        gpu: a report of the GPU probe; without one the group is left out.
        root: where the host's files are looked for.
        probes: the system calls; by default those of this machine.
    """
    host = _Host(root, probes or SystemProbes())
    readers: dict[Group, Callable[[], Iterable[str]]] = {
        Group.TPM_EK: host.endorsement,
        Group.PRODUCT_UUID: host.product_uuid,
        Group.BOARD_SERIAL: host.board_serial,
        Group.MACHINE_ID: host.machine_id,
        Group.DATA_VOLUME: lambda: host.volume(data_dir),
        Group.NIC_SET: host.network_cards,
        Group.GPU_SET: lambda: _gpu_uuids(gpu),
    }
    facts: dict[Group, _Found] = {}
    missing: dict[Group, str] = {}
    for group, read in readers.items():
        try:
            found = tuple(one for one in read() if normalize(one))
        except OSError as error:
            missing[group] = error.strerror or str(error)
            continue
        if found:
            facts[group] = found
        else:
            missing[group] = "nothing that identifies this host"
    return HostIdentity(facts, missing)


def _gpu_uuids(report: GpuReport | None) -> Iterator[str]:
    for device in report.devices if report else ():
        if isinstance(device.uuid, Value):
            yield device.uuid.value


class _Host:
    def __init__(self, root: Path, probes: HostProbes) -> None:
        self._root = root
        self._probes = probes

    def endorsement(self) -> _Found:
        return (self._probes.endorsement(self._root / "dev/tpmrm0"),)

    def product_uuid(self) -> _Found:
        return (self._dmi("product_uuid"),)

    def board_serial(self) -> _Found:
        """Give the board's serial number, or the chassis' where it says nothing."""
        vendor = self._dmi("sys_vendor").lower()
        if vendor.startswith(_VIRTUAL_VENDORS):
            return ()
        for name in ("board_serial", "chassis_serial"):
            with contextlib.suppress(OSError):
                if normalize(found := self._dmi(name)):
                    return (found,)
        return ()

    def machine_id(self) -> _Found:
        return (self._text("etc/machine-id"),)

    def volume(self, data_dir: Path) -> _Found:
        folder = data_dir
        while not folder.exists():
            folder = folder.parent
        return (self._probes.volume_uuid(folder),)

    def network_cards(self) -> Iterator[str]:
        """Give the permanent addresses of cards that are hardware.

        A device link keeps bridges, bonds and veth pairs out; `physfn` marks a
        virtual function, whose address is handed out.
        """
        for card in sorted((self._root / "sys/class/net").glob("*")):
            device = card / "device"
            if not device.exists() or (device / "physfn").exists():
                continue
            try:
                yield self._probes.permanent_mac(card.name)
            except OSError:
                yield from self._set_address(card)

    def _set_address(self, card: Path) -> Iterator[str]:
        """Fall back to the address in use, unless the kernel invented it."""
        with contextlib.suppress(OSError):
            if (card / "addr_assign_type").read_text().strip() != _RANDOM_ADDRESS:
                yield (card / "address").read_text().strip()

    def _dmi(self, name: str) -> str:
        return self._text(f"sys/class/dmi/id/{name}")

    def _text(self, name: str) -> str:
        return (self._root / name).read_text(errors="replace").strip()
