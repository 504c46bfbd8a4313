"""`anechoic bundle`: look at a release medium, verify it, load it, free old releases.

`inspect` and `verify` only read the medium: they work on any machine that has the
trust anchor, without an engine. Where an anchor is pinned and none is given, they judge
the medium by what this host remembers, as an installation does.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from appliance.paths import HostPaths
from installer.cli.follow import follow
from installer.cli.output import count, fail, print_json, print_mapping, refusals, size
from installer.client import EngineClient
from installer.errors import NO_TRUST, InstallerError
from installer.findings import Finding
from installer.protocol import OperationRequest
from installer.settings import Settings

if TYPE_CHECKING:
    from pydantic import JsonValue

    from bundles.delta import Delta
    from bundles.medium import VerifiedMedium
    from installer.bundle_bodies import BundlePlan, Store

__all__ = ["app"]

app = typer.Typer(
    help="Look at, verify and load release media; free old releases.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Medium = Annotated[Path, typer.Argument(metavar="FOLDER", help="The medium.")]
Trust = Annotated[
    Path | None,
    typer.Option("--trust", metavar="FILE", help="Trust anchor, unless it is pinned."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def inspect(medium: Medium, *, trust: Trust = None, as_json: Json = False) -> None:
    """Show what is on a medium and who signed it, after verifying the signatures."""
    with refusals(as_json=as_json):
        opened = _open(medium, trust)
    signed = opened.delta
    if as_json:
        delta = {"delta": signed.delta.model_dump(mode="json")} if signed else {}
        print_mapping({**opened.release.model_dump(mode="json"), **delta})
        return
    release = opened.release
    typer.echo(f"release      {release.product_version}, number {release.release_seq}")
    if signed is not None:
        typer.echo(f"delta        {_delta_words(signed.delta)}")
    typer.echo(f"built        {release.created:%Y-%m-%d %H:%M} UTC")
    typer.echo(f"install by   {opened.install_by:%Y-%m-%d} UTC")
    for signer in opened.signers:
        typer.echo(f"signed       {signer.role} {signer.key_id}")
    for image in release.images:
        short = image.config_digest[7:19]
        typer.echo(f"image        {image.name:<10} {size(image.size_bytes)}  {short}")
    for model in release.models:
        typer.echo(f"model        {model.name:<10} {size(model.size_bytes)}")
    for document in release.documents:
        if not document.path.startswith("program/_"):
            typer.echo(f"document     {document.path}")


@app.command()
def verify(medium: Medium, *, trust: Trust = None, as_json: Json = False) -> None:
    """Read the whole medium and compare every file with what was signed.

    An installation does not need this: it hashes what it loads while it loads it.
    """
    with refusals(as_json=as_json):
        from bundles.medium import verify_payload  # noqa: PLC0415  TUF loads slowly

        opened = _open(medium, trust)
        problems = verify_payload(opened, _Percent(quiet=as_json))
    findings = tuple(Finding.from_problem(problem) for problem in problems)
    if findings:
        fail(findings, as_json=as_json)
    version, signed = opened.release.product_version, opened.delta
    if as_json:
        left_out = signed.delta.left_out if signed else ()
        paths: list[JsonValue] = [file.path for file in left_out]
        print_mapping({"release": version, "intact": True, "left_out": paths})
        return
    if signed is None:
        typer.echo(f"Release {version} is intact.")
        return
    typer.echo(f"The delta medium of release {version} is intact.")
    typer.echo(f"It is {_delta_words(signed.delta)}.")
    for file in signed.delta.left_out:
        typer.echo(f"left out  {size(file.size_bytes):>10}  {file.path}")


@app.command()
def plan(medium: Medium, *, trust: Trust = None, as_json: Json = False) -> None:
    """Show what loading the medium would read, store and take; nothing is changed."""
    with refusals(as_json=as_json), EngineClient() as client:
        found = client.plan_load(str(medium.absolute()), _text(trust))
    if as_json:
        print_json(found)
    else:
        _show_plan(found)


@app.command()
def load(medium: Medium, *, trust: Trust = None, as_json: Json = False) -> None:
    """Load images and model without touching what runs; `install` is quick then."""
    settings = Settings(medium=medium.absolute(), trust=trust and trust.absolute())
    with refusals(as_json=as_json), EngineClient() as client:
        operation = client.start(OperationRequest(kind="load", settings=settings))
        code = follow(client, operation, as_json=as_json)
    raise typer.Exit(code)


@app.command()
def prune(
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Free it; without this it is only shown.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what is kept and why, and free what no release needs that could run here.

    The installed release and the one before it are kept; one that was only loaded
    ahead counts as unused until it is installed.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        found = client.prune() if yes else client.store()
    if as_json:
        print_json(found)
    else:
        _show_store(found, freed=yes)


def _open(medium: Path, trust: Path | None) -> VerifiedMedium:
    from bundles.medium import open_medium  # noqa: PLC0415  TUF loads slowly
    from bundles.trust.anchor import TrustAnchor  # noqa: PLC0415

    paths = HostPaths.from_environment()
    file = trust or paths.trust / "anchor.json"
    if not file.exists():
        raise InstallerError(NO_TRUST, f"{file} does not exist")
    # A given anchor may be another vendor's: what this host remembers is not of it.
    may_remember = trust is None and os.access(paths.tuf, os.R_OK | os.X_OK)
    return open_medium(
        medium,
        anchor=TrustAnchor.read(file),
        now=datetime.now(UTC),
        trust_dir=paths.tuf if may_remember else None,
    )


def _delta_words(delta: Delta) -> str:
    files = count(len(delta.left_out), "file")
    return f"for {delta.since.name}, without {files}, {size(delta.left_out_bytes)}"


class _Percent:
    """Shows the progress on a terminal, on one line of standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._shown = -1

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        percent = done_bytes * 100 // total_bytes
        if self._quiet or percent == self._shown:
            return
        self._shown = percent
        end = "\n" if done_bytes == total_bytes else ""
        sys.stderr.write(f"\rverified {percent} %{end}")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _show_plan(plan: BundlePlan) -> None:
    typer.echo(f"release {plan.product_version}, number {plan.release_seq}")
    if plan.delta_for is not None:
        left_out = f"{size(plan.left_out_bytes)} are taken from this host"
        typer.echo(f"delta for {plan.delta_for}, {left_out}")
    for image in plan.images:
        missing = f"{image.missing_layers} of {count(image.layers, 'layer')} to load"
        typer.echo(f"image  {image.name:<10} {missing}, {size(image.store_bytes)}")
    for model in plan.models:
        state = "present" if model.present else f"to copy, {size(model.size_bytes)}"
        typer.echo(f"model  {model.name:<10} {state}")
    typer.echo(f"to read from the medium   {size(plan.read_bytes)}")
    typer.echo(f"to store on this host     {size(plan.store_bytes)}")
    typer.echo(f"for a while beside that   {size(plan.temporary_bytes)}")
    typer.echo(f"about                     {plan.estimate_s:.0f} s")


def _show_store(store: Store, *, freed: bool) -> None:
    for one in store.things:
        word = "freed" if freed else one.kept.value
        typer.echo(f"{word:<10} {one.kind:<6} {size(one.size_bytes):>10}  {one.name}")
    if not freed and store.unused:
        typer.echo("`anechoic bundle prune --yes` frees what is unused.")
    if not store.things:
        typer.echo("Nothing was unused." if freed else "There is nothing of ours.")
