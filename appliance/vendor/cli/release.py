"""`anechoic-vendor release`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from appliance.images.recipes import Accelerator
from appliance.vendor.cli.common import Keys, PassphraseFile, now, read_passphrase, utc
from appliance.vendor.keys import KeyFolder
from appliance.vendor.release import INSTALL_BY, ReleaseOrder, build_release
from appliance.vendor.show import ProgressLine, size_text

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Keep `build` a command of its own, although it is the only one."""


@app.command("build")
def release_build(
    keys: Keys,
    model: Annotated[
        Path,
        typer.Option(help="Folder of a CTranslate2 Whisper model.", file_okay=False),
    ],
    version: Annotated[str, typer.Option(help="Product version, such as 1.4.0.")],
    output: Annotated[Path, typer.Option(help="Folder for the medium.")],
    cache: Annotated[
        Path, typer.Option(help="Keeps packages, wheels and layers between builds.")
    ] = Path("build/cache"),
    sequence: Annotated[
        int | None, typer.Option(help="Release sequence; the next one by default.")
    ] = None,
    created: Annotated[
        datetime | None,
        typer.Option(help="UTC time in the release, for a build that can be repeated."),
    ] = None,
    install_by: Annotated[
        datetime | None, typer.Option(help="UTC date; five years from now by default.")
    ] = None,
    accelerator: Annotated[
        Accelerator,
        typer.Option(help="cuda12 adds cuBLAS: 0.6 GB more, and GPUs can be used."),
    ] = Accelerator.CPU,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an existing medium.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Build the images and a signed release medium.

    The same keys, version, sequence, times and packages give the same medium, byte for
    byte.
    """
    folder, made = KeyFolder(keys), utc(created) or now()
    order = ReleaseOrder(
        version=version,
        sequence=sequence or folder.releases.next_sequence(),
        model=model,
        output=output,
        cache=cache,
        created=made,
        expires=utc(install_by) or made + INSTALL_BY,
        accelerator=accelerator,
        replace=replace,
    )
    passphrase = read_passphrase(passphrase_file)
    with ProgressLine("medium") as progress:
        medium = build_release(
            order, folder, passphrase, say=typer.echo, on_progress=progress
        )
    typer.echo(f"medium    {output} ({size_text(medium.size_bytes)})")
    typer.echo(f"release   {version}, sequence {order.sequence}")
    typer.echo(f"digest    {medium.digest}")
