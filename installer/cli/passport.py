"""`anechoic passport`: what this host has, for a vendor who sends only what is missing."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotation
from typing import Annotated

import typer

from installer.cli.output import count, print_mapping, refusals
from installer.cli.secret_files import write_bytes_new
from installer.client import EngineClient

__all__ = ["passport"]


def passport(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file when it is there.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write what this host has of our releases, to order a small medium.

    The file is plain JSON: release number, engine, and digests of layers and model
    files that the vendor has published. It names nothing of this host.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        found, data = client.passport()
    write_bytes_new(output, data, replace=force)
    release = found.release and found.release.release_seq
    facts = {
        "file": str(output),
        "size_bytes": len(data),
        "release_seq": release,
        "images": len(found.chains),
        "model_files": len(found.model_files),
    }
    if as_json:
        print_mapping(facts)
        return
    what = f"release number {release}" if release else "no installed release"
    files = count(len(found.model_files), "model file")
    images = count(len(found.chains), "image")
    typer.echo(f"The passport is in {output}: {what}, {images}, {files}.")
