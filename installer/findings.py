"""The one finding type: what is wrong or notable, what it means, what to do.

Preflight, terminal, plain lines, JSON and the support bundle all show this
type. A finding is a value, not an exception; ``Finding.from_error`` turns the
coded error of any package into one.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from installer.errors import UNEXPECTED, ErrorKind

if TYPE_CHECKING:
    from bundles.model import MediumProblem

__all__ = ["Finding", "Severity", "worst"]

_CODE = re.compile(r"ANX-(?:LIC|MED|ENG|HOST|GPU|OP|API)-\d{2}")


class Severity(StrEnum):
    """How much a finding matters; only ``ERROR`` stops an operation."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation with its evidence and its remedy.

    Attributes:
        code: stable name, ``ANX-FAMILY-nn``; listed in docs/findings.md.
        title: the observation in a few words.
        severity: error, warning or info.
        evidence: what was expected and what was found.
        meaning: the consequence for the operator.
        remedy: what to do about it.
    """

    code: str
    title: str
    severity: Severity
    evidence: str
    meaning: str
    remedy: str

    def __post_init__(self) -> None:
        if _CODE.fullmatch(self.code) is None:
            msg = f"expected a code like ANX-HOST-03, found {self.code!r}"
            raise ValueError(msg)

    def to_json(self) -> dict[str, str]:
        """Return the finding as a flat JSON object."""
        return asdict(self)

    @classmethod
    def from_error(cls, error: BaseException) -> Finding:
        """Describe an exception; one without a code is an unexpected error.

        The text of an unexpected exception is kept out: it may hold anything.
        """
        if not isinstance(getattr(error, "code", None), str):
            return cls.of(UNEXPECTED, evidence=type(error).__name__)
        return cls(
            code=str(getattr(error, "code", "")),
            title=str(getattr(error, "title", "")),
            severity=Severity.ERROR,
            evidence=_evidence(error),
            meaning=str(getattr(error, "meaning", "")),
            remedy=str(getattr(error, "remedy", "")),
        )

    @classmethod
    def from_problem(cls, problem: MediumProblem) -> Finding:
        """Describe what is wrong with one file of a medium."""
        return cls(
            code=problem.code,
            title=problem.title,
            severity=Severity(problem.severity.value),
            evidence=problem.evidence,
            meaning=problem.meaning,
            remedy=problem.remedy,
        )

    @classmethod
    def of(
        cls,
        kind: ErrorKind,
        *,
        evidence: str,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """Make a finding of a known kind with this evidence."""
        return cls(kind.code, kind.title, severity, evidence, kind.meaning, kind.remedy)


def _evidence(error: BaseException) -> str:
    message, evidence = str(error), str(getattr(error, "evidence", ""))
    if evidence in message:
        return message
    return f"{message}: {evidence}" if message else evidence


def worst(findings: tuple[Finding, ...]) -> Severity | None:
    """Return the highest severity present, or None when there is no finding."""
    order = tuple(Severity)
    return max((f.severity for f in findings), key=order.index, default=None)
