"""`anechoic answers`: describe, write and check answers files."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotation
from typing import Annotated

import typer

from installer.cli.output import refusals
from installer.settings import (
    Settings,
    dump_answers,
    load_answers,
    settings_schema,
)

__all__ = ["app"]

app = typer.Typer(
    help="Describe, write and check answers files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def schema() -> None:
    """Print the JSON schema of the answers file."""
    typer.echo(settings_schema(), nl=False)


@app.command()
def example() -> None:
    """Print an answers file with every setting, its help and its default."""
    typer.echo(dump_answers(Settings()), nl=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The answers file.")],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print findings as JSON.")
    ] = False,
) -> None:
    """Check an answers file and name every error in it."""
    with refusals(as_json=as_json):
        load_answers(file)
    if not as_json:
        typer.echo("The answers file is valid.")
