"""Several findings as one refusal."""

from __future__ import annotations

from installer.errors import ErrorKind, InstallerError
from installer.findings import Finding, Severity

__all__ = ["FindingsError", "refuse_errors"]


class FindingsError(InstallerError):
    """Findings that stop a step; the error itself speaks as the first of them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        kind = ErrorKind(first.code, first.title, first.meaning, first.remedy)
        super().__init__(kind, first.evidence)
        self.findings = findings


def refuse_errors(findings: tuple[Finding, ...]) -> None:
    """Stop when there is a finding of severity error.

    Raises:
        FindingsError: with all of them.
    """
    errors = tuple(f for f in findings if f.severity is Severity.ERROR)
    if errors:
        raise FindingsError(errors)
