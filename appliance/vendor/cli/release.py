"""`anechoic-vendor release`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from appliance.images.recipes import Accelerator
from appliance.vendor.cli.common import (
    Keys,
    PassphraseFile,
    now,
    open_folder,
    read_passphrase,
    utc,
)
from appliance.vendor.deltas import DeltaOrder, basis_of, delta_of
from appliance.vendor.keys import KeyFolder
from appliance.vendor.release import INSTALL_BY, ReleaseOrder, build_release
from appliance.vendor.show import ProgressLine, size_text
from bundles.build import MediumSummary
from bundles.build_delta import DeltaBasis, left_out

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


Since = Annotated[
    str,
    typer.Option(
        metavar="PASSPORT|RELEASE",
        help="Leave out what a host has: its passport, or an earlier release, by the "
        "folder of its medium, its release.json or its number.",
    ),
]


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
    since: Since | None = None,
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
        since=None if since is None else basis_of(since, folder),
    )
    passphrase = read_passphrase(passphrase_file)
    with ProgressLine("medium") as progress:
        medium = build_release(
            order, folder, passphrase, say=typer.echo, on_progress=progress
        )
    _tell(medium, output, order.since)


@app.command("delta")
def release_delta(
    keys: Keys,
    of: Annotated[
        Path,
        typer.Option("--of", help="The full medium.", exists=True, file_okay=False),
    ],
    since: Since,
    output: Annotated[Path, typer.Option(help="Folder for the medium.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an existing medium.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make of a full medium one for a host that has most of it already."""
    folder = open_folder(keys)
    basis = basis_of(since, folder)
    order = DeltaOrder(of, basis, output, now(), replace=replace)
    passphrase = read_passphrase(passphrase_file)
    with ProgressLine("medium") as progress:
        medium = delta_of(order, folder, passphrase, on_progress=progress)
    _tell(medium, output, basis)


def _tell(medium: MediumSummary, output: Path, basis: DeltaBasis | None) -> None:
    release = medium.release
    typer.echo(f"medium    {output} ({size_text(medium.size_bytes)})")
    typer.echo(f"release   {release.product_version}, sequence {release.release_seq}")
    typer.echo(f"digest    {medium.digest}")
    if basis is None:
        return
    absent = left_out(release, basis)
    if absent:
        left_bytes = sum(file.size_bytes for file in absent)
        typer.echo(f"delta     for {basis.since.name}")
        files = "1 file" if len(absent) == 1 else f"{len(absent)} files"
        typer.echo(f"left out  {files}, {size_text(left_bytes)}")
    else:
        typer.echo("full      nothing of this release is on that host")
