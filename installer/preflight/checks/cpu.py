"""Processor cores and the instructions recognition and hashing profit from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.preflight import kinds
from installer.preflight.result import Check, Verdict, notice, over, verdict, warning

if TYPE_CHECKING:
    from installer.preflight.facts import CpuFacts, HostFacts
    from installer.preflight.needs import Needs

_SHA: Final = frozenset({"sha_ni", "sha1", "sha2"})


def cores(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that there are enough cores to serve."""

    def decide(cpu: CpuFacts) -> Verdict:
        evidence = f"expected {needs.cores} or more, found {cpu.usable} usable"
        few = warning(kinds.CPU_FEW, evidence) if cpu.usable < needs.cores else None
        return verdict(f"{cpu.usable} usable", [few])

    return over(facts.cpu, "processor", decide)


def instructions(_needs: Needs, facts: HostFacts) -> Verdict:
    """Check for AVX2, and mention missing SHA instructions."""

    def decide(cpu: CpuFacts) -> Verdict:
        evidence = f"{cpu.model}: no avx2 among its flags"
        slow = None if "avx2" in cpu.flags else warning(kinds.CPU_FLAGS, evidence)
        plain = f"{cpu.model}: no sha_ni among its flags"
        sha = None if cpu.flags & _SHA else notice(kinds.CPU_SHA, plain)
        return verdict(cpu.model, [slow, sha])

    return over(facts.cpu, "processor", decide)


CHECKS: Final = (
    Check("cpu-cores", "Processor", "Cores", cores),
    Check("cpu-instructions", "Processor", "Instructions", instructions),
)
