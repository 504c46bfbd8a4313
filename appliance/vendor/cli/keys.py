"""`anechoic-vendor keys`: make, renew, withdraw and change the keys."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from appliance.vendor.ceremony import Surroundings, hold_ceremony
from appliance.vendor.cli.common import (
    Keys,
    PassphraseFile,
    RootFiles,
    RootPassphraseFiles,
    now,
    now_s,
    open_folder,
    read_passphrase,
    root_files,
)
from appliance.vendor.console import Terminal
from appliance.vendor.keys import KeyFolder, init_keys, refresh_anchor
from appliance.vendor.license_keys import ROOTS, load_keyset
from appliance.vendor.license_roots import (
    RootFile,
    change_roots,
    next_roots_in,
    retire_former_roots,
)
from appliance.vendor.license_rotation import renew_issuing_keys, withdraw_issuing_key
from appliance.vendor.lineages import Lineages
from appliance.vendor.overview import key_lines, key_named, void_licenses
from appliance.vendor.register import Register
from offline_license.dates import start_of

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("init")
def keys_init(
    folder: Annotated[Path, typer.Argument(help="New folder for all keys.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make the keys of releases and licenses, and the trust anchor of both.

    The three root keys belong on three offline media in three hands; `keys ceremony`
    makes them there. The trust anchor is public: it goes to every site, apart from the
    media.
    """
    passphrase = read_passphrase(passphrase_file, new=True)
    anchor = init_keys(folder, passphrase, now=now())
    typer.echo(f"keys in            {folder}")
    typer.echo(f"trust anchor       {KeyFolder(folder).anchor}")
    typer.echo(f"its fingerprint    {anchor.fingerprint}")
    typer.echo("Read the fingerprint to the site by telephone; it must show the same.")


@app.command("ceremony")
def keys_ceremony(
    folder: Annotated[Path, typer.Argument(help="New folder for all keys.")],
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Practice; nothing is kept.")
    ] = False,
) -> None:
    """Make the root keys on three media, with three custodians and a witness.

    To be held on a machine without a network. Every answer is typed, or is a line of
    stdin. docs/key-ceremony.md tells the people what to bring and to do.
    """
    hold_ceremony(
        Terminal(),
        folder,
        now=now(),
        surroundings=Surroundings.look(),
        rehearse=rehearse,
    )


@app.command("list")
def keys_list(keys: Keys) -> None:
    """Show the keys, what they may sign, until when, and what is due."""
    folder = open_folder(keys)
    for line in key_lines(folder, now=now_s()):
        typer.echo(line)


@app.command("rotate")
def keys_rotate(
    keys: Keys,
    root: RootFiles = None,
    root_passphrase_file: RootPassphraseFiles = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make the issuing keys of a new year and retire the old ones.

    Licenses that the old ones signed live on. Two root keys sign the new key set; it
    reaches the sites with the next medium and with every answer to a request.
    """
    folder = open_folder(keys)
    passphrase = read_passphrase(passphrase_file)
    roots = root_files(folder.license, passphrase, root, root_passphrase_file)
    version = renew_issuing_keys(folder.license, passphrase, now=now_s(), roots=roots)
    typer.echo(f"key set   {version}")
    typer.echo("Build a release, or answer a request: both carry the new key set.")


@app.command("withdraw")
def keys_withdraw(
    keys: Keys,
    key: Annotated[str, typer.Argument(help="Key as `keys list` shows it.")],
    cutoff: Annotated[
        datetime,
        typer.Option(
            help="UTC day; what the key signed from then on is void at once.",
            formats=["%Y-%m-%d"],
        ),
    ],
    root: RootFiles = None,
    root_passphrase_file: RootPassphraseFiles = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Declare an issuing key stolen.

    What it signed from the cutoff on is void; what it signed before has 30 days to be
    issued again, and is listed here. A new key takes its place.
    """
    folder = open_folder(keys)
    found = key_named(load_keyset(folder.license), key)
    passphrase = read_passphrase(passphrase_file)
    end = start_of(cutoff.date()) - 1
    version = withdraw_issuing_key(
        folder.license,
        passphrase,
        kid=found.kid,
        cutoff=end,
        now=now_s(),
        roots=root_files(folder.license, passphrase, root, root_passphrase_file),
    )
    typer.echo(f"key set   {version}")
    lineages = Lineages(Register(folder.files.register).entries())
    for line in void_licenses(lineages, found.kid, cutoff=end, now=now_s()):
        typer.echo(line)


@app.command("new-roots")
def keys_new_roots(
    keys: Keys,
    root: RootFiles = None,
    root_passphrase_file: RootPassphraseFiles = None,
    new_root: Annotated[
        list[Path] | None,
        typer.Option(
            help="Where a new root key goes, on a custodian's medium; give three. "
            "They go into the folder of the keys otherwise.",
            dir_okay=False,
        ),
    ] = None,
    new_root_passphrase_file: Annotated[
        list[Path] | None,
        typer.Option(help="File with the passphrase of each --new-root, in order."),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Replace all three root keys of licenses.

    Two of the old and two of the new ones sign the key set, and go on doing so until
    `keys retire-roots`: sites that know the old ones take it, and so do new ones.
    """
    folder = open_folder(keys)
    passphrase = read_passphrase(passphrase_file)
    places = _new_roots(folder, passphrase, new_root, new_root_passphrase_file)
    old = root_files(folder.license, passphrase, root, root_passphrase_file)
    change_roots(folder.license, old, places, now=now_s())
    anchor = refresh_anchor(folder)
    typer.echo(f"key set            {load_keyset(folder.license).version}")
    typer.echo(f"trust anchor       {folder.anchor}")
    typer.echo(f"its fingerprint    {anchor.fingerprint}")
    typer.echo("New sites get this trust anchor; the others need nothing but media.")


@app.command("retire-roots")
def keys_retire_roots(
    keys: Keys,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget the former root keys, when no site depends on them any more.

    Every site must run a release that was built since `keys new-roots`, and have the
    new trust anchor: with the former one, later key sets are refused. There is no
    hurry, unless two of the former root keys were stolen.
    """
    folder = open_folder(keys)
    if not yes:
        typer.confirm("Does every site have the new release and anchor?", abort=True)
    retire_former_roots(folder.license)
    refresh_anchor(folder)
    typer.echo("From now on the new roots sign alone.")


def _new_roots(
    folder: KeyFolder,
    passphrase: bytes,
    paths: list[Path] | None,
    files: list[Path] | None,
) -> tuple[RootFile, ...]:
    """Return where the new root keys go."""
    if not paths:
        return next_roots_in(folder.license, passphrase)
    if len(paths) != ROOTS or any(path.exists() for path in paths):
        raise typer.BadParameter(f"give {ROOTS} files that do not exist yet")
    given = [*(files or ()), *([None] * ROOTS)]
    return tuple(
        RootFile(path, read_passphrase(file, new=True, of=str(path)))
        for path, file in zip(paths, given, strict=False)
    )
