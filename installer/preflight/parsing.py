"""Pure parsers for the text files of the kernel.

Source: proc(5) and the kernel's Documentation/filesystems/proc.rst.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.preflight.facts import Route, SwapArea

if TYPE_CHECKING:
    from collections.abc import Iterator

_KIB: Final = 1024
_RTF_UP: Final = 0x1
_RTF_GATEWAY: Final = 0x2


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of /proc/self/mounts."""

    target: Path
    kind: str
    options: frozenset[str]


def parse_cpu(text: str) -> tuple[str, frozenset[str]]:
    """Give the model name and the flags of the first processor in cpuinfo."""
    fields: dict[str, str] = {}
    for line in text.split("\n\n", 1)[0].splitlines():
        key, _, value = line.partition(":")
        fields[key.strip().lower()] = value.strip()
    flags = fields.get("flags") or fields.get("features") or ""
    return fields.get("model name", "unnamed processor"), frozenset(flags.split())


def parse_meminfo(text: str) -> dict[str, int]:
    """Give meminfo's figures in bytes."""
    figures = {}
    for line in text.splitlines():
        key, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdecimal():
            figures[key] = int(words[0]) * (_KIB if words[-1] == "kB" else 1)
    return figures


def parse_swaps(text: str) -> tuple[SwapArea, ...]:
    """Give the swap areas in use."""
    rows = [line.split() for line in text.splitlines()[1:]]
    return tuple(
        SwapArea(name=row[0], size_bytes=int(row[2]) * _KIB)
        for row in rows
        if len(row) > 2  # noqa: PLR2004  name, type, size
    )


def parse_mounts(text: str) -> Iterator[Mount]:
    """Give every mount, in order; a later one covers an earlier one."""
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 4:  # noqa: PLR2004  device, target, kind, options
            target = fields[1].replace("\\040", " ")
            yield Mount(Path(target), fields[2], frozenset(fields[3].split(",")))


def parse_routes(text: str) -> tuple[Route, ...]:
    """Give the IPv4 routes that are up, from /proc/net/route.

    Raises:
        ValueError: a line has another form.
    """
    return tuple(_routes(text))


def _routes(text: str) -> Iterator[Route]:
    for line in text.splitlines()[1:]:
        interface, destination, _, flags_hex, _, _, _, mask_hex, *_ = line.split()
        flags = int(flags_hex, 16)
        if flags & _RTF_UP:
            address, mask = _address(destination), _address(mask_hex)
            yield Route(
                network=IPv4Network(f"{address}/{mask}", strict=False),
                interface=interface,
                direct=not flags & _RTF_GATEWAY,
            )


def _address(little_endian_hex: str) -> IPv4Address:
    return IPv4Address(bytes.fromhex(little_endian_hex)[::-1])


def covering_mount(path: Path, mounts: Iterator[Mount]) -> Mount | None:
    """Find the mount that holds an absolute path."""
    best: Mount | None = None
    for mount in mounts:
        if path.is_relative_to(mount.target) and (
            best is None or len(mount.target.parts) >= len(best.target.parts)
        ):
            best = mount
    return best
