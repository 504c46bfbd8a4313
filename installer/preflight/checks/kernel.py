"""Kernel version, processor architecture, control groups, overlay, crash dumps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from installer.preflight import kinds
from installer.preflight.result import (
    Check,
    Verdict,
    error,
    over,
    verdict,
    warning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.findings import Finding
    from installer.preflight.facts import HostFacts, KernelFacts
    from installer.preflight.needs import Needs

_ARCHITECTURES: Final = frozenset({"x86_64", "amd64"})
_CONTROLLERS: Final = frozenset({"cpu", "memory", "pids"})
# systemd-coredump keeps no dump of a process whose core limit is 0; others do.
_HONEST_DUMPERS: Final = ("systemd-coredump",)


def _version(release: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", release)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def kernel_version(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the kernel is not older than containers need."""

    def decide(kernel: KernelFacts) -> Verdict:
        found = _version(kernel.release)
        wanted = ".".join(map(str, needs.kernel))
        evidence = f"expected at least {wanted}, found {kernel.release}"
        old = error(kinds.KERNEL_OLD, evidence) if found < needs.kernel else None
        return verdict(f"Linux {kernel.release}", [old])

    return over(facts.kernel, "kernel", decide)


def architecture(_needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the medium's programs can run on this processor."""

    def decide(kernel: KernelFacts) -> Verdict:
        evidence = f"expected x86_64, found {kernel.machine}"
        known = kernel.machine in _ARCHITECTURES
        foreign = None if known else error(kinds.ARCHITECTURE, evidence)
        return verdict(kernel.machine, [foreign])

    return over(facts.kernel, "architecture", decide)


def control_groups(_needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the limits of containers can be kept."""

    def decide(kernel: KernelFacts) -> Verdict:
        if not kernel.cgroup_version:
            return verdict("none", [error(kinds.CGROUPS, "no control groups mounted")])
        missing = sorted(_CONTROLLERS - kernel.cgroup_controllers)
        evidence = f"missing controllers: {', '.join(missing)}"
        finding = error(kinds.CGROUPS, evidence) if missing else None
        return verdict(f"version {kernel.cgroup_version}", [finding])

    return over(facts.kernel, "control groups", decide)


def overlay(_needs: Needs, facts: HostFacts) -> Verdict:
    """Check that image layers can be stacked."""

    def decide(kernel: KernelFacts) -> Verdict:
        if kernel.overlay:
            return verdict("available")
        evidence = "neither in /proc/filesystems nor among the kernel's modules"
        return verdict("missing", [warning(kinds.OVERLAY, evidence)])

    return over(facts.kernel, "overlay file system", decide)


def crash_dumps(_needs: Needs, facts: HostFacts) -> Verdict:
    """Look for a program that receives the memory of crashed processes."""

    def decide(kernel: KernelFacts) -> Verdict:
        pattern = kernel.core_pattern.strip()
        if not pattern.startswith("|"):
            return verdict("files only, which the containers' limit forbids")
        return verdict("a program receives them", _dump_findings(pattern))

    return over(facts.kernel, "crash dumps", decide)


def _dump_findings(pattern: str) -> Iterator[Finding]:
    program = pattern[1:].split(maxsplit=1)[0] if pattern[1:].strip() else ""
    if not program.endswith(_HONEST_DUMPERS):
        yield warning(kinds.CORE_DUMPS, f"kernel.core_pattern is {pattern}")


CHECKS: Final = (
    Check("kernel-version", "System", "Linux kernel", kernel_version),
    Check("architecture", "System", "Processor architecture", architecture),
    Check("control-groups", "System", "Control groups", control_groups),
    Check("overlay", "System", "Overlay file system", overlay),
    Check("crash-dumps", "Privacy", "Crash dumps", crash_dumps),
)
