"""`anechoic trust`: what this host believes, and updates of it that are carried in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from installer.cli.output import print_findings, print_json, refusals
from installer.client import EngineClient

if TYPE_CHECKING:
    from installer.trust_bodies import TrustView

__all__ = ["app"]

app = typer.Typer(
    help="Show whom and what this host trusts; apply trust updates of the vendor.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Anchor = Annotated[
    Path | None,
    typer.Option("--trust", metavar="FILE", help="Trust anchor, unless it is pinned."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def show(
    update: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A trust update.")
    ] = None,
    *,
    trust: Anchor = None,
    as_json: Json = False,
) -> None:
    """Show what this host has trusted last, or what a trust update says.

    Nothing is changed.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        if update is None:
            view = client.trust().newest
        else:
            view = client.look_at_update(str(update.absolute()), _text(trust))
    if view is None:
        typer.echo("null" if as_json else "This host has not trusted any release yet.")
    elif as_json:
        print_json(view)
    else:
        _show(view)


@app.command()
def apply(
    update: Annotated[Path, typer.Argument(metavar="FILE", help="A trust update.")],
    *,
    trust: Anchor = None,
    as_json: Json = False,
) -> None:
    """Take a trust update: newer keys, revoked releases, later install-by dates.

    What runs goes on running. The same update may be applied again.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        view = client.apply_update(str(update.absolute()), _text(trust))
    if as_json:
        print_json(view)
        return
    _show(view)
    known = "" if view.known is None else f" (before: {view.known})"
    typer.echo(f"This host now trusts version {view.version}{known}.")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _show(view: TrustView) -> None:
    typer.echo(f"version    {view.version}, of {view.created:%Y-%m-%d %H:%M} UTC")
    typer.echo(f"keys       root {view.root_version}")
    typer.echo(f"anchor     {view.anchor_fingerprint}")
    typer.echo(f"counts to  {view.expires:%Y-%m-%d} UTC")
    for good in view.good:
        release = f"{good.product_version}, number {good.release_seq}"
        typer.echo(f"good       {release}, install by {good.install_by:%Y-%m-%d}")
    for bad in view.revoked:
        release = f"{bad.product_version}, number {bad.release_seq}"
        typer.echo(
            f"revoked    {release}, on {bad.since:%Y-%m-%d} by version {bad.version}"
        )
    print_findings(view.findings)
