"""What the commands print: lines for people, JSON lines for programs, exit codes.

Results go to standard output, findings of a failed command to standard error
in plain mode; with ``--json`` everything is on standard output. There is never an
escape sequence.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, NoReturn

import typer

from installer.client import EngineRefusedError
from installer.exit_codes import ExitCode, exit_code_for
from installer.findings import Finding, Severity
from installer.protocol import ErrorBody
from installer.settings import SettingsInvalidError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from installer.protocol import CheckLine

__all__ = [
    "check_line",
    "confirm",
    "count",
    "fail",
    "fail_unexpected",
    "finding_lines",
    "print_findings",
    "print_json",
    "print_mapping",
    "refusals",
    "refuse_usage",
    "size",
]

_WORDS = {
    Severity.ERROR: "ERROR",
    Severity.WARNING: "WARNING",
    Severity.INFO: "NOTE",
}
_KIB = 1024


def size(count: float) -> str:
    """Write bytes for people: ``1.5 GiB``."""
    for unit in ("B", "KiB", "MiB"):
        if count < _KIB:
            return f"{count:.0f} {unit}"
        count /= _KIB
    return f"{count:.1f} GiB"


def count(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 finding``, ``2 findings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def check_line(check: CheckLine) -> str:
    """Write a check as a line: how it ended, what was checked, what was seen."""
    order = list(Severity)
    found = [finding.severity for finding in check.findings]
    word = _WORDS[max(found, key=order.index)] if found else "ok"
    return f"{word:<8} {check.topic}: {check.title}: {check.detail}"


def finding_lines(finding: Finding) -> tuple[str, ...]:
    """Write a finding as lines, with the meaning of each."""
    return (
        f"{_WORDS[finding.severity]} {finding.code}: {finding.title}",
        f"  found:  {finding.evidence}",
        f"  means:  {finding.meaning}",
        f"  do:     {finding.remedy}",
    )


def print_findings(findings: tuple[Finding, ...], *, error: bool = False) -> None:
    """Print findings, each with its remedy."""
    for finding in findings:
        for line in finding_lines(finding):
            typer.echo(line, err=error)


def print_json(body: BaseModel) -> None:
    """Print one JSON line and hand it on at once."""
    sys.stdout.write(body.model_dump_json() + "\n")
    sys.stdout.flush()


def fail(findings: tuple[Finding, ...], *, as_json: bool) -> NoReturn:
    """Print why a command failed, and end with the code of the first finding."""
    if as_json:
        print_json(ErrorBody(finding=findings[0], findings=findings))
    else:
        print_findings(findings, error=True)
    raise typer.Exit(exit_code_for(findings[0]))


@contextlib.contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """End the command with findings when something is refused inside."""
    try:
        yield
    except (EngineRefusedError, SettingsInvalidError) as error:
        fail(error.findings, as_json=as_json)
    except Exception as error:
        if not isinstance(getattr(error, "code", None), str):
            raise
        fail((Finding.from_error(error),), as_json=as_json)


def print_mapping(values: dict[str, object]) -> None:
    """Print a flat JSON object on one line."""
    sys.stdout.write(json.dumps(values) + "\n")


def refuse_usage(message: str) -> NoReturn:
    """End with a usage error."""
    typer.echo(message, err=True)
    raise typer.Exit(ExitCode.USAGE)


def confirm(question: str, *, default: bool) -> None:
    """Ask; without a yes the command ends and has changed nothing."""
    if not typer.confirm(question, default=default, err=True):
        refuse_usage("Nothing was changed.")


def fail_unexpected(finding: Finding, error: Exception) -> NoReturn:
    """Say that the program itself failed, and where, without any value."""
    print_findings((finding,), error=True)
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is not None:
        code = frame.tb_frame.f_code
        typer.echo(f"  at:     {code.co_filename}:{frame.tb_lineno}", err=True)
    raise SystemExit(ExitCode.INTERNAL)
