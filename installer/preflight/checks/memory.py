"""Main memory, and swap that could carry speech to a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.nvml.readings import Value
from installer.preflight import kinds
from installer.preflight.result import Check, Verdict, error, over, verdict, warning
from installer.preflight.words import size

if TYPE_CHECKING:
    from installer.preflight.facts import HostFacts, MemoryFacts
    from installer.preflight.needs import Needs

# Firmware and kernel take their part, so a "4 GB" machine shows a little less.
_TOLERANCE: Final = 0.93


def memory_size(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the services fit into memory."""

    def decide(memory: MemoryFacts) -> Verdict:
        total = memory.total_bytes
        found = f"found {size(total)}, {size(memory.available_bytes)} available"
        if total < needs.memory_bytes * _TOLERANCE:
            evidence = f"expected {size(needs.memory_bytes)}, {found}"
            return verdict(size(total), [error(kinds.MEMORY_LOW, evidence)])
        small = total < needs.good_memory_bytes * _TOLERANCE
        if small or memory.available_bytes < needs.memory_bytes * _TOLERANCE:
            evidence = f"better {size(needs.good_memory_bytes)}, {found}"
            return verdict(size(total), [warning(kinds.MEMORY_TIGHT, evidence)])
        return verdict(found.removeprefix("found "))

    return over(facts.memory, "memory", decide)


def swap(_needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the services can be kept from swapping to a disk."""

    def decide(memory: MemoryFacts) -> Verdict:
        names = [
            area.name for area in memory.swaps if not area.name.startswith("/dev/zram")
        ]
        if not names:
            return verdict("none on a disk")
        match facts.engine:
            case Value(engine) if not engine.swap_limit:
                evidence = f"swap on {', '.join(names)}, no swap limit in {engine.name}"
                return verdict("in use", [warning(kinds.SWAP_ON, evidence)])
            case _:
                return verdict("in use by the host, closed to the services")

    return over(facts.memory, "swap", decide)


CHECKS: Final = (
    Check("memory", "Memory", "Memory", memory_size),
    Check("swap", "Privacy", "Swap", swap),
)
