"""Room for the release, where the engine and where the appliance keep their data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.nvml.readings import Reading, Value, reason
from installer.preflight import kinds
from installer.preflight.result import Check, Verdict, error, verdict, warning
from installer.preflight.words import size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.findings import Finding
    from installer.preflight.facts import DiskFacts, HostFacts
    from installer.preflight.needs import Needs


def disk_space(needs: Needs, facts: HostFacts) -> Verdict:
    """Check free bytes on each file system, counting shared ones once."""
    findings = [*_unreadable(facts.disks)]
    lines = []
    for disk, wanted in _demands(needs, facts.disks):
        lines.append(f"{disk.path}: {size(disk.free_bytes)} free")
        if disk.free_bytes < wanted:
            evidence = (
                f"{disk.path}: expected {size(wanted)} free, "
                f"found {size(disk.free_bytes)} of {size(disk.total_bytes)}"
            )
            findings.append(error(kinds.DISK_FULL, evidence))
    need = f"{size(needs.payload_bytes + needs.reserve_bytes)} needed"
    return verdict("; ".join([*lines, need]), findings)


def disk_files(needs: Needs, facts: HostFacts) -> Verdict:
    """Check free inodes; file systems that make them as needed report none."""
    findings = [
        error(
            kinds.DISK_FILES,
            f"{disk.path}: expected {needs.free_files}, found {disk.free_files}",
        )
        for disk in _readable(facts.disks)
        if 0 < disk.free_files < needs.free_files
    ]
    return verdict("few left" if findings else "enough", findings)


def disk_mounts(_needs: Needs, facts: HostFacts) -> Verdict:
    """Check that nothing is mounted read-only, nor the images without programs."""
    findings = [
        error(kinds.DISK_READ_ONLY, f"{disk.path} ({disk.kind})")
        for disk in _readable(facts.disks)
        if disk.read_only
    ]
    match facts.disks.get("engine"):
        case Value(disk) if disk.no_exec:
            findings.append(error(kinds.DISK_NO_EXEC, f"{disk.path} ({disk.kind})"))
        case _:
            pass
    return verdict("not usable" if findings else "writable", findings)


def _readable(disks: Mapping[str, Reading[DiskFacts]]) -> Iterator[DiskFacts]:
    for reading in disks.values():
        if isinstance(reading, Value):
            yield reading.value


def _unreadable(disks: Mapping[str, Reading[DiskFacts]]) -> Iterator[Finding]:
    for purpose, reading in disks.items():
        if why := reason(reading):
            yield warning(kinds.DISK_UNREADABLE, f"{purpose}: {why}")


def _demands(
    needs: Needs, disks: Mapping[str, Reading[DiskFacts]]
) -> Iterator[tuple[DiskFacts, int]]:
    """Give each file system once, with what it must hold and one reserve."""
    shares = {
        "engine": needs.payload_bytes - needs.state_bytes,
        "state": needs.state_bytes,
    }
    seen: dict[int, tuple[DiskFacts, int]] = {}
    for purpose, reading in disks.items():
        if isinstance(reading, Value):
            disk = reading.value
            first, wanted = seen.get(disk.device, (disk, needs.reserve_bytes))
            seen[disk.device] = (first, wanted + shares.get(purpose, 0))
    yield from seen.values()


CHECKS: Final = (
    Check("disk-space", "Disk", "Room for the release", disk_space),
    Check("disk-files", "Disk", "Room for many files", disk_files),
    Check("disk-mounts", "Disk", "Disks are usable", disk_mounts),
)
