"""`anechoic keys`: make, list and delete API keys."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotation
from typing import Annotated

import typer

from installer.cli.output import print_json, refusals
from installer.cli.secret_files import write_new
from installer.client import EngineClient
from installer.protocol import KeyInfo, KeysBody

__all__ = ["app"]

app = typer.Typer(
    help="Make, list and delete API keys.", no_args_is_help=True, rich_markup_mode=None
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what will use the key.")],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="Write the key to a new file for its owner only, and do not print it.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key. Its text is shown this once; only a hash of it is kept."""
    with refusals(as_json=as_json), EngineClient() as client:
        created = client.create_key(name)
        if output is not None:
            write_new(output, created.key + "\n", secret=True)
    if output is not None:
        info = KeyInfo(id=created.id, name=created.name, created=created.created)
        print_json(info) if as_json else typer.echo(f"{created.id} in {output}")
    elif as_json:
        print_json(created)
    else:
        typer.echo(created.key)


@app.command("list")
def list_(*, as_json: Json = False) -> None:
    """List the keys, without their texts."""
    with refusals(as_json=as_json), EngineClient() as client:
        keys = client.keys()
    if as_json:
        print_json(KeysBody(keys=keys))
        return
    for key in keys:
        typer.echo(f"{key.id}  {key.created:%Y-%m-%d}  {key.name}")
    if not keys:
        typer.echo("There is no key yet; `anechoic keys create NAME` makes one.")


@app.command()
def delete(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As shown by `list`.")],
    *,
    as_json: Json = False,
) -> None:
    """Delete a key; the gateway refuses it within seconds."""
    with refusals(as_json=as_json), EngineClient() as client:
        client.delete_key(key_id)
    if not as_json:
        typer.echo(f"{key_id} is deleted.")
