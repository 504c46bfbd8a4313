"""`anechoic license`: ask for, install, rehearse and look at the license."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotation
from typing import TYPE_CHECKING, Annotated

import typer

from installer.cli.license_install import install, read_carried
from installer.cli.license_rehearse import confirm_clock, drill, extend, simulate
from installer.cli.license_request import request
from installer.cli.license_results import change_lines, summary_lines
from installer.cli.license_words import license_details, license_rows
from installer.cli.output import (
    print_findings,
    print_json,
    print_mapping,
    refusals,
)
from installer.client import EngineClient
from installer.errors import LICENSE_SILENT, InstallerError
from installer.license_view import license_problems

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["app"]

app = typer.Typer(
    help="Ask for, install, rehearse and look at the license.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_UNKNOWN = 50
_UNLICENSED = 40


app.command()(request)
app.command()(install)
app.command()(extend)
app.command()(simulate)
app.command()(drill)
app.command("confirm-clock")(confirm_clock)


@app.command()
def show(
    file: Annotated[
        Path | None,
        typer.Argument(help="A license or response to look at; nothing is installed."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the license in force, or what a file would change."""
    with refusals(as_json=as_json), EngineClient() as client:
        if file is not None:
            summary = client.check_license_bytes(read_carried(file))
            if as_json:
                print_json(summary)
            else:
                _print((*change_lines(summary), *summary_lines(summary)))
                print_findings(summary.findings)
            return
        found = client.status().license
        if found is None:
            raise InstallerError(LICENSE_SILENT, "no answer from the license service")
    if as_json:
        print_mapping(dict(found))
    else:
        _print(f"{name:<18} {value}" for name, value in license_details(found))
        print_findings(license_problems(found))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


@app.command()
def status(*, as_json: Json = False) -> None:
    """Show the license in force.

    Exit codes of this command: 0 valid, 10 expiring, 20 in grace, 30 restricted or
    revoked, 40 no license in force, 50 the state is unknown.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        found = client.status()
    if found.license is None:
        typer.echo("The license service does not answer.", err=as_json)
        raise typer.Exit(_UNKNOWN if found.installed else _UNLICENSED)
    if as_json:
        print_mapping(dict(found.license))
    else:
        for name, value in license_rows(found.license):
            typer.echo(f"{name:<18} {value}")
    code = found.license.get("exit_code", _UNKNOWN)
    raise typer.Exit(code if isinstance(code, int) else _UNKNOWN)
