"""The outcome of one check: a line of the tick list, with findings if any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from installer.findings import Finding, Severity
from installer.nvml.readings import Failed, Reading, Unsupported, Value
from installer.preflight import kinds
from installer.preflight.facts import HostFacts
from installer.preflight.needs import Needs

if TYPE_CHECKING:
    from installer.errors import ErrorKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the list.

    Attributes:
        name: stable, for re-checking this one alone ("disk-space").
        topic: heading to group under ("Disk").
        title: what was checked ("Room for the release").
        detail: what was seen, in a few words; also when all is well.
        findings: empty when all is well.
    """

    name: str
    topic: str
    title: str
    detail: str
    findings: tuple[Finding, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """The worst severity of the findings, None when there are none."""
        order = list(Severity)
        found = [finding.severity for finding in self.findings]
        return max(found, key=order.index, default=None)

    @property
    def ok(self) -> bool:
        """Nothing to warn of; notices do not count."""
        return self.severity in {None, Severity.INFO}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check function says: what it saw, and what is wrong with it."""

    detail: str
    findings: tuple[Finding, ...] = ()


CheckFunction: TypeAlias = Callable[[Needs, HostFacts], Verdict]


@dataclass(frozen=True, slots=True)
class Check:
    """A named check: a pure function over needs and facts."""

    name: str
    topic: str
    title: str
    decide: CheckFunction

    def run(self, needs: Needs, facts: HostFacts) -> CheckResult:
        """Decide, and put the name on the verdict."""
        verdict = self.decide(needs, facts)
        return CheckResult(
            self.name, self.topic, self.title, verdict.detail, verdict.findings
        )


def verdict(detail: str, findings: Iterable[Finding | None] = ()) -> Verdict:
    """Build a verdict from findings, leaving out the absent ones."""
    return Verdict(detail, tuple(one for one in findings if one is not None))


def error(kind: ErrorKind, evidence: str) -> Finding:
    """Make a finding that stops the installation."""
    return Finding.of(kind, evidence=evidence, severity=Severity.ERROR)


def warning(kind: ErrorKind, evidence: str) -> Finding:
    """Make a finding the operator should know of."""
    return Finding.of(kind, evidence=evidence, severity=Severity.WARNING)


def notice(kind: ErrorKind, evidence: str) -> Finding:
    """Make a finding that asks for nothing."""
    return Finding.of(kind, evidence=evidence, severity=Severity.INFO)


def over(reading: Reading[T], what: str, decide: Callable[[T], Verdict]) -> Verdict:
    """Decide over a value, or say that it could not be read."""
    match reading:
        case Value(value):
            return decide(value)
        case Unsupported(why) | Failed(why):
            return verdict("not known", [warning(kinds.NOT_READ, f"{what}: {why}")])
