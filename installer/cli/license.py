"""`anechoic license`: request, install and look at the license."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from installer.cli.license_words import license_rows
from installer.cli.output import (
    print_findings,
    print_json,
    print_mapping,
    refusals,
)
from installer.cli.secret_files import write_new
from installer.client import EngineClient

__all__ = ["app"]

app = typer.Typer(
    help="Request, install and look at the license.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_UNKNOWN = 50
_UNLICENSED = 40


@app.command()
def request(
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Where to write the request."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file when it is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the file with which this host asks its vendor for a license.

    It holds the public install key and salted values by which the host is
    recognized; no serial number and no speech.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        made = client.license_request()
    target = output or Path(made.filename)
    write_new(target, made.armored, replace=force)
    if as_json:
        print_json(made)
    else:
        typer.echo(f"The request is in {target}; carry it to your vendor.")


@app.command()
def install(
    file: Annotated[Path, typer.Argument(help="The license file from the vendor.")],
    *,
    as_json: Json = False,
) -> None:
    """Put a license in force; services take it up without a restart."""
    with refusals(as_json=as_json), EngineClient() as client:
        summary = client.install_license(str(file.absolute()))
    if as_json:
        print_json(summary)
        return
    typer.echo(f"License {summary.license_id} for {summary.customer}: {summary.state}")
    typer.echo(f"Full service to {summary.term:%Y-%m-%d %H:%M} UTC.")
    print_findings(summary.findings)


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
