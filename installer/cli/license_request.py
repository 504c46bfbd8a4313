"""`anechoic license request`: a file, and QR codes for a site without USB."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from installer.cli.output import print_json, refusals, refuse_usage
from installer.cli.qr_pages import Page, pages, text_below
from installer.cli.secret_files import write_bytes_new, write_new
from installer.client import EngineClient
from installer.qr import Screen, encode, png

if TYPE_CHECKING:
    from installer.protocol import LicenseRequestBody

__all__ = ["request"]

_NO_MINI = (
    "There is no short form without a license: the vendor does not know this "
    "installation yet. Carry the file, or show the QR codes without --mini."
)


def request(
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Where to write the request."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file when it is there.")
    ] = False,
    qr: Annotated[
        bool | None,
        typer.Option(
            "--qr/--no-qr", help="Show it as QR codes; usual on a terminal only."
        ),
    ] = None,
    mini: Annotated[
        bool, typer.Option("--mini", help="Use the short form of a renewal.")
    ] = False,
    full_block: Annotated[
        bool,
        typer.Option("--full-block", help="Draw with colored blanks, twice as large."),
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option("--png", metavar="FILE", help="Write the QR code as a picture."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write the file with which this host asks its vendor for a license.

    It holds the public install key, salted values by which the host is recognized
    and sums of what was used; no serial number and no speech. On a terminal it is
    also shown as a QR code, with the same data as text below.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        made = client.license_request()
    if mini and not made.mini:
        refuse_usage(_NO_MINI)
    target = output or Path(made.filename)
    write_new(target, made.armored, replace=force)
    if picture is not None:
        _write_picture(made, picture, mini=mini, replace=force)
    if as_json:
        print_json(made)
        return
    typer.echo(f"The request is in {target}; carry it to your vendor.")
    if qr if qr is not None else _can_draw():
        screen = _screen(full=full_block)
        shown = pages(made, screen, mini=mini)
        _show(shown)
        for line in text_below(made, shown, screen, mini=mini):
            typer.echo(line)


def _write_picture(
    made: LicenseRequestBody, path: Path, *, mini: bool, replace: bool
) -> None:
    text = made.mini[0] if mini else made.whole
    code = encode(text) or encode(text, "L")
    if code is None:
        refuse_usage("The request is too large for one QR code; carry the file.")
    write_bytes_new(path, png(code), replace=replace)
    typer.echo(f"The QR code is in {path}.", err=True)


def _can_draw() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _screen(*, full: bool) -> Screen:
    """Return the cells for one picture: a line is left for what is said below it."""
    size = shutil.get_terminal_size()
    encoding = sys.stdout.encoding or "ascii"
    try:
        "▀▄█".encode(encoding)
    except UnicodeEncodeError:
        full = True
    return Screen(size.columns, size.lines - 1, full=full)


def _show(shown: tuple[Page, ...]) -> None:
    """Show each code on a page of its own where somebody can turn the pages."""
    turns = sys.stdin.isatty() and sys.stdout.isatty()
    for page in shown:
        for line in page.lines:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
        if turns:
            typer.prompt(
                f"{page.caption}; Enter goes on", "", show_default=False, err=False
            )
        else:
            typer.echo(page.caption)
