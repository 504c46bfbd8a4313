"""`anechoic-vendor license`: revoke, extend, inspect, export and list."""

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from appliance.vendor.cli.common import (
    DAY,
    Keys,
    Output,
    PassphraseFile,
    Replace,
    day,
    may_write,
    now_s,
    open_folder,
    read,
    read_passphrase,
    write_output,
)
from appliance.vendor.cli.forms import show_license, write_forms
from appliance.vendor.cli.licenses import app
from appliance.vendor.cli.terms import Page, Png, QrText
from appliance.vendor.extending import give_out_code
from appliance.vendor.inspecting import differences, inspect_file
from appliance.vendor.license_keys import load_keyset, trusting_anchor
from appliance.vendor.lineages import Lineages
from appliance.vendor.overview import license_lines
from appliance.vendor.readers import Known
from appliance.vendor.register import Register
from appliance.vendor.revoking import Reason, lift_revocation, revoke_license
from offline_license.armor import Label, armor
from offline_license.dates import iso

__all__ = ["app"]

Serial = Annotated[
    str, typer.Argument(help="Serial as the site shows it, such as 1F2E-3D4C/2.")
]


class ReasonName(StrEnum):
    """Why a license is revoked."""

    UNTOLD = "untold"
    CONTRACT_ENDED = "contract-ended"
    REPLACED = "replaced"
    KEY_LOST = "key-lost"
    MISTAKE = "mistake"


@app.command("revoke")
def license_revoke(
    serial: Serial,
    keys: Keys,
    reason: Annotated[ReasonName, typer.Option(help="Told to the site.")],
    effective: Annotated[
        datetime | None,
        typer.Option(help="First day without service; in 14 days.", formats=DAY),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="File for the list alone.", dir_okay=False)
    ] = None,
    lift: Annotated[
        bool, typer.Option("--lift", help="Take it off the list again.")
    ] = False,
    replace: Replace = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Put a license on the revocation list, at least 14 days ahead.

    The list travels with every answer to a request and with every medium. A site that
    imports nothing is not reached by it, and ends by its dates.
    """
    folder = open_folder(keys)
    may_write(output, replace=replace)
    passphrase = read_passphrase(passphrase_file)
    if lift:
        signed = lift_revocation(folder.license, passphrase, serial, now=now_s())
        typer.echo(f"lifted         {serial}")
    else:
        signed, entry = revoke_license(
            folder.license,
            passphrase,
            serial,
            reason=Reason[reason.name],
            effective=day(effective),
            now=now_s(),
        )
        typer.echo(f"revoked        {serial}, up to number {entry.max_seq}")
        typer.echo(f"takes effect   {iso(entry.effective_at)}")
    typer.echo(f"list           {signed.revocations.version}")
    if output is not None:
        write_output(output, signed.text.encode())


@app.command("extend")
def license_extend(
    serial: Serial,
    keys: Keys,
    index: Annotated[
        int | None, typer.Option(help="Which code; the next one by default.")
    ] = None,
    note: Annotated[str, typer.Option(help="Who asked, for the register.")] = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Show an emergency code, to be read out over the telephone."""
    folder = open_folder(keys)
    given = give_out_code(
        folder.license,
        read_passphrase(passphrase_file),
        serial,
        index=index,
        note=note,
        now=now_s(),
    )
    license_ = given.license
    typer.echo(f"license        {license_.serial} ({license_.name})")
    typer.echo(f"code           {given.code}")
    typer.echo(f"number         {given.index} of {given.count}")
    typer.echo(
        f"adds           {given.days} days for each number the site has not used yet"
    )
    if given.newer is not None:
        typer.echo(f"note           number {given.newer} was issued; is it lost?")
    if given.again:
        typer.echo("note           this code was given out before; it works once")


@app.command("inspect")
def license_inspect(
    file: Annotated[Path, typer.Argument(help="Any licensing file; - is stdin.")],
    other: Annotated[
        Path | None, typer.Argument(help="A second one: show what differs.")
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", help="Verify with the keys of this folder."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what a file says, who signed it and what is wrong with it.

    Licenses, requests, responses, key sets, revocation lists, usage reports, codes; as
    file, text, QR text or scan. Nothing is used or believed. Ends with 1 when the file
    is refused.
    """
    known = _known(keys)
    first = inspect_file(read(file), known)
    if other is not None:
        second = inspect_file(read(other), known)
        lines = list(differences(first, second))
        shown = json.dumps(lines, indent=2) if as_json else "\n".join(lines)
        typer.echo(shown or "no difference")
        return
    if as_json:
        typer.echo(json.dumps(first.to_json(), indent=2, ensure_ascii=False))
    else:
        for line in first.lines():
            typer.echo(line)
    if first.problems:
        raise typer.Exit(1)


@app.command("export")
def license_export(
    serial: Serial,
    keys: Keys,
    output: Output,
    page: Page = None,
    qr_text: QrText = None,
    png: Png = None,
    replace: Replace = False,
) -> None:
    """Write an issued license again, when the file or the stick was lost.

    It is the same license: a site that has it already says so and changes nothing.
    """
    folder = open_folder(keys)
    may_write(output, replace=replace)
    issued = Lineages(Register(folder.files.register).entries()).numbered(serial)
    text = armor(issued.data, Label.LICENSE)
    write_output(output, text.encode())
    show_license(issued.license, output)
    write_forms(issued.license, issued.data, text, page, qr_text, png)


@app.command("list")
def license_list(keys: Keys) -> None:
    """Show the newest license of every lineage, the next to end first."""
    folder = open_folder(keys)
    lineages = Lineages(Register(folder.files.register).entries())
    for line in license_lines(lineages, now=now_s()):
        typer.echo(line)


def _known(keys: Path | None) -> Known:
    if keys is None:
        return Known()
    folder = open_folder(keys)
    return Known(
        anchor=trusting_anchor(folder.license),
        keyset=load_keyset(folder.license),
        lineages=Lineages(Register(folder.files.register).entries()),
    )
