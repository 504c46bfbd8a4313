"""`anechoic-vendor trust`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from appliance.vendor.cli.common import (
    DAY,
    Keys,
    Output,
    PassphraseFile,
    Replace,
    RootFiles,
    RootPassphraseFiles,
    may_write,
    now,
    open_folder,
    read_passphrase,
    root_files,
    utc,
    write_output,
)
from appliance.vendor.trust_updates import (
    IssuedUpdate,
    UpdateOrder,
    issue_update,
    release_roots,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Keep `update` a command of its own, although it is the only one."""


@app.command("update")
def trust_update(
    keys: Keys,
    output: Output,
    *,
    revoke: Annotated[
        list[int] | None,
        typer.Option(help="Sequence of a release to withdraw; may be repeated."),
    ] = None,
    extend_install_by: Annotated[
        datetime | None,
        typer.Option(
            help="UTC date until which every good release may be installed.",
            formats=DAY,
        ),
    ] = None,
    rotate_online_keys: Annotated[
        bool,
        typer.Option(
            "--rotate-online-keys",
            help="Make new keys for signing releases; needs two root keys.",
        ),
    ] = False,
    root: RootFiles = None,
    root_passphrase_file: RootPassphraseFiles = None,
    passphrase_file: PassphraseFile = None,
    replace: Replace = False,
) -> None:
    """Write a trust update: a file of some kB for media and hosts that are on site.

    It names every release that is still good and carries the newest keys. A site
    applies it with `anechoic trust apply`.
    """
    folder = open_folder(keys)
    may_write(output, replace=replace)
    passphrase = read_passphrase(passphrase_file)
    on_media = root_files(folder.release, passphrase, root, root_passphrase_file)
    roots = release_roots(folder, passphrase, on_media) if rotate_online_keys else ()
    issued = issue_update(
        folder,
        passphrase,
        UpdateOrder(now(), tuple(revoke or ()), utc(extend_install_by), roots),
    )
    write_output(output, issued.data)
    _show(output, issued)


def _show(output: Path, issued: IssuedUpdate) -> None:
    typer.echo(f"trust update  {output} ({len(issued.data)} bytes)")
    typer.echo(f"version       {issued.version}")
    for one in issued.catalog.good:
        until = f"{one.install_by:%Y-%m-%d}"
        typer.echo(
            f"good          {one.product_version}, number {one.release_seq}, "
            f"install by {until}"
        )
    for revoked in issued.catalog.revoked:
        typer.echo(f"revoked       {revoked.told}")
