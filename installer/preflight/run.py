"""Run all checks, or one of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.findings import Finding, Severity
from installer.preflight.checks import (
    clock,
    cpu,
    disk,
    engine,
    firewall,
    gpu,
    kernel,
    memory,
    network,
)
from installer.preflight.needs import Needs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.preflight.facts import HostFacts
    from installer.preflight.result import Check, CheckResult
    from installer.settings import Settings

CHECKS: Final[tuple[Check, ...]] = (
    *kernel.CHECKS,
    *cpu.CHECKS,
    *memory.CHECKS,
    *disk.CHECKS,
    *engine.CHECKS,
    *network.CHECKS,
    *firewall.CHECKS,
    *clock.CHECKS,
    *gpu.CHECKS,
)


def run_checks(needs: Needs, facts: HostFacts) -> tuple[CheckResult, ...]:
    """Run every check, in the order of the list."""
    return tuple(check.run(needs, facts) for check in CHECKS)


def run_check(name: str, needs: Needs, facts: HostFacts) -> CheckResult:
    """Run one check.

    Raises:
        KeyError: there is none of this name.
    """
    return {check.name: check for check in CHECKS}[name].run(needs, facts)


def run_preflight(
    settings: Settings,
    facts: HostFacts,
    *,
    payload_bytes: int = 0,
    state_bytes: int = 0,
) -> tuple[Finding, ...]:
    """Run every check and give only what is wrong or notable, worst first."""
    needs = Needs.of(settings, payload_bytes=payload_bytes, state_bytes=state_bytes)
    results = run_checks(needs, facts)
    return findings_of(results)


def findings_of(results: Iterable[CheckResult]) -> tuple[Finding, ...]:
    """Give only what is wrong or notable, worst first."""
    findings = [finding for result in results for finding in result.findings]
    order = list(Severity)
    return tuple(sorted(findings, key=lambda one: -order.index(one.severity)))
