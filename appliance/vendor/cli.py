"""`anechoic-vendor`: keys, releases and licenses, on the vendor's machine only."""

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from appliance.errors import ApplianceError
from appliance.images.recipes import Accelerator
from appliance.vendor import licensing
from appliance.vendor.keys import KeyFolder, init_keys
from appliance.vendor.release import INSTALL_BY, ReleaseOrder, build_release
from appliance.vendor.show import ProgressLine, show_error, size_text
from bundles.errors import BundleError
from bundles.files import write_durably
from offline_license.dates import iso
from offline_license.errors import LicenseError
from offline_license.model import Capacity

app = typer.Typer(
    help="Make keys, build signed release media and issue offline licenses.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_release = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_license = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(_keys, name="keys", help="The keys of releases and licenses.")
app.add_typer(_release, name="release", help="Release media.")
app.add_typer(_license, name="license", help="Offline licenses.")

Keys = Annotated[
    Path, typer.Option("--keys", help="Folder made by `keys init`.", file_okay=False)
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the passphrase of the keys; without it you are asked.",
        dir_okay=False,
    ),
]


@_keys.command("init")
def keys_init(
    folder: Annotated[Path, typer.Argument(help="New folder for all keys.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make the keys of releases and licenses, and the trust anchor of both.

    The three root keys belong on three offline media in three hands. The trust anchor
    is public: it goes to every site, apart from the media.
    """
    passphrase = _passphrase(passphrase_file, new=True)
    anchor = init_keys(folder, passphrase, now=_now())
    typer.echo(f"keys in            {folder}")
    typer.echo(f"trust anchor       {KeyFolder(folder).anchor}")
    typer.echo(f"its fingerprint    {anchor.fingerprint}")
    typer.echo("Read the fingerprint to the site by telephone; it must show the same.")


@_release.command("build")
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
    folder, now = KeyFolder(keys), _utc(created) or _now()
    order = ReleaseOrder(
        version=version,
        sequence=sequence or folder.next_sequence(),
        model=model,
        output=output,
        cache=cache,
        created=now,
        expires=_utc(install_by) or now + INSTALL_BY,
        accelerator=accelerator,
        replace=replace,
    )
    passphrase = _passphrase(passphrase_file)
    with ProgressLine("medium") as progress:
        medium = build_release(
            order, folder, passphrase, say=typer.echo, on_progress=progress
        )
    typer.echo(f"medium    {output} ({size_text(medium.size_bytes)})")
    typer.echo(f"release   {version}, sequence {order.sequence}")
    typer.echo(f"digest    {medium.digest}")


@_license.command("issue")
def license_issue(
    keys: Keys,
    request: Annotated[
        Path, typer.Option(help="Request file of the site.", dir_okay=False)
    ],
    customer: Annotated[str, typer.Option(help="Name shown to the operator.")],
    through: Annotated[
        datetime, typer.Option(help="Last day of validity.", formats=["%Y-%m-%d"])
    ],
    output: Annotated[Path, typer.Option(help="License file to write.")],
    grace_days: Annotated[
        int, typer.Option(help="Days of full service after the last day.")
    ] = 30,
    streams: Annotated[
        int | None, typer.Option(help="Concurrent streams; unlimited by default.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an existing file.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Answer a site's request with a license bound to its host."""
    folder = KeyFolder(keys)
    folder.require()
    if output.exists() and not replace:
        raise typer.BadParameter(f"{output} exists; add --replace", param_hint="output")
    issued = licensing.issue_license(
        _read(request),
        folder.license,
        _passphrase(passphrase_file),
        licensing.LicenseTerms(
            licensee=customer,
            through=_day(through),
            grace_days=grace_days,
            capacity=Capacity(streams=streams),
            customer=customer,
        ),
        now=int(_now().timestamp()),
    )
    write_durably(output, issued.text.encode())
    license_ = issued.license
    typer.echo(f"license        {output}")
    typer.echo(f"serial         {license_.serial}")
    typer.echo(f"valid through  {_day(through)} (grace starts {iso(license_.exp)})")
    typer.echo(f"restricted     from {iso(license_.term)}")


def _day(value: datetime) -> date:
    return value.date()


def _now() -> datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return now.replace(microsecond=0)


def _utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.replace(tzinfo=UTC)


def _passphrase(file: Path | None, *, new: bool = False) -> bytes:
    if file is not None:
        return _read(file).rstrip(b"\r\n")
    text: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new)
    return text.encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error


def main() -> None:
    """Run the program; a refusal ends with its finding and status 1."""
    try:
        app()
    except (ApplianceError, BundleError, LicenseError) as error:
        show_error(error)
        sys.exit(1)
