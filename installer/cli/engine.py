"""`anechoic engine`: the process behind everything else."""

from __future__ import annotations

import os
import signal

import typer

from installer.cli.output import refusals
from installer.client import EngineClient

__all__ = ["app"]

app = typer.Typer(
    help="Look at and stop anechoicd, the process that does the work.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def pid() -> None:
    """Print the process id of the running engine; it is not started for this."""
    with refusals(as_json=False), EngineClient(autostart=False) as client:
        typer.echo(client.version().pid)


@app.command()
def stop() -> None:
    """Ask the engine to end at a safe point; the next command starts it again.

    A running operation stops after the piece of work in hand and is carried on by
    the next engine. Services are not touched.
    """
    with refusals(as_json=False), EngineClient(autostart=False) as client:
        number = client.version().pid
    os.kill(number, signal.SIGTERM)
    typer.echo(f"Asked process {number} to end.")
