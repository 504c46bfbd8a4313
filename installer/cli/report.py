"""`anechoic report`: what was used, for the officer who lets it out and for the vendor.

Only `export` and `restored` ask the engine. The others read files on any laptop, and
need the public key alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from appliance.license_files import read_small
from appliance.paths import HostPaths
from installer.cli.license_rehearse import operator_uid
from installer.cli.output import print_mapping, refusals
from installer.cli.secret_files import write_bytes_new
from installer.client import EngineClient
from installer.errors import REPORT_UNREADABLE, InstallerError
from offline_license.errors import KeyFileError
from offline_license.keys import (
    check_public_key,
    key_id,
    private_key_from_pem,
    public_bytes,
    short_id,
)
from offline_license.report import countersign as sign_too
from offline_license.report import verify_report
from offline_license.report_view import diff as compare
from offline_license.report_view import report_text

if TYPE_CHECKING:
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.report import Report

__all__ = ["app"]

app = typer.Typer(
    help="Export, read, verify and countersign usage reports.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ReportFile = Annotated[Path, typer.Argument(help="The report.")]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        help="The public install key: a file, 64 hexadecimal digits, or `site` for "
        "the one of this host. Without it only the report itself is proved.",
    ),
]
Officers = Annotated[
    list[str] | None,
    typer.Option(
        "--officer", metavar="KEY", help="A public key that has to have countersigned."
    ),
]
_MOST_BYTES = 64 * 1024 * 1024
_KEY_BYTES = 32
_SITE = "site"


@app.command()
def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ],
    *,
    level: Annotated[
        Literal["hourly", "daily"],
        typer.Option("--level", help="Show every hour, or days only."),
    ] = "hourly",
    since: Annotated[
        int,
        typer.Option(
            "--since", min=0, metavar="INDEX", help="From this record on; usually all."
        ),
    ] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file when it is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the signed usage report: sums per hour and model, and no word of speech."""
    with refusals(as_json=as_json), EngineClient() as client:
        data = client.usage_report(level, since)
    write_bytes_new(output, data, replace=force)
    if as_json:
        print_mapping({"file": str(output), "size_bytes": len(data)})
    else:
        typer.echo(f"The report is in {output}. Read it with `anechoic report show`.")


@app.command()
def show(file: ReportFile, *, as_json: Json = False) -> None:
    """Print a report for people, after its own proof was checked."""
    with refusals(as_json=as_json):
        report = verify_report(_read(file), None)
    if as_json:
        print_mapping(_facts(report))
    else:
        typer.echo(report_text(report), nl=False)


@app.command()
def verify(
    file: ReportFile,
    *,
    key: KeyOption = None,
    officer: Officers = None,
    as_json: Json = False,
) -> None:
    """Verify a report with public keys alone; a changed byte is refused."""
    with refusals(as_json=as_json):
        officers = tuple(_public(one) for one in officer or ())
        site = None if key is None else _public(key)
        report = verify_report(_read(file), site, officers)
    if as_json:
        print_mapping({**_facts(report), "site_key_given": site is not None})
        return
    typer.echo(f"Genuine and complete: {_range(report)}.")
    typer.echo(f"Signed by {', '.join(short_id(one) for one in report.signers)}.")
    if site is None:
        name = short_id(key_id(report.install_key))
        typer.echo(
            f"Whether {name} is your site is not proved: give its key with --key."
        )


@app.command()
def diff(
    older: Annotated[Path, typer.Argument(help="The earlier report.")],
    newer: Annotated[Path, typer.Argument(help="The later report.")],
    *,
    as_json: Json = False,
) -> None:
    """Tell what a report adds to an earlier one, and whether it continues it."""
    with refusals(as_json=as_json):
        first = verify_report(_read(older), None)
        found = compare(first, verify_report(_read(newer), first.install_key))
    if as_json:
        print_mapping({"continues": found.continues, "lines": list(found.lines())})
    else:
        for line in found.lines():
            typer.echo(line)


@app.command()
def countersign(
    file: ReportFile,
    *,
    key_file: Annotated[
        Path,
        typer.Option("--key-file", metavar="PEM", help="Your own private key."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Usually the same file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add the officer's signature to a report that may leave.

    The report is checked before it is signed. A passphrase is asked for, or read
    from standard input; it is never an argument.
    """
    with refusals(as_json=as_json):
        data = _read(file)
        officer = _private(key_file)
        signed = sign_too(data, officer)
    write_bytes_new(output or file, signed, replace=output is None)
    name = short_id(key_id(public_bytes(officer)))
    if as_json:
        print_mapping({"file": str(output or file), "signer": name})
    else:
        typer.echo(f"Countersigned by {name}: {output or file}")


@app.command()
def restored(*, as_json: Json = False) -> None:
    """Say that this host was restored from a backup.

    It is noted in the usage ledger, so that the vendor does not mistake the missing
    hours for a copy of the appliance.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        found = client.restored(operator_uid())
    if as_json:
        print_mapping(found)
    else:
        typer.echo("Noted. The next report tells the vendor.")


def _read(path: Path) -> bytes:
    try:
        return read_small(path, _MOST_BYTES)
    except OSError as error:
        raise InstallerError(REPORT_UNREADABLE, f"{path}: {error.strerror}") from error


def _public(text: str) -> bytes:
    """Return a public key from a file, from hexadecimal digits, or of this host.

    Raises:
        InstallerError: it is none of these.
    """
    if text == _SITE:
        text = str(HostPaths.from_environment().license_public / "install.pub")
    data = _hexadecimal(text.encode()) or _hexadecimal(_read(Path(text)))
    if data is None:
        raise InstallerError(
            REPORT_UNREADABLE, f"{text}: expected a public key of 32 bytes"
        )
    return check_public_key(data)


def _hexadecimal(text: bytes) -> bytes | None:
    """Return 32 bytes that are given as such, or as hexadecimal digits."""
    if len(text) == _KEY_BYTES:
        return text
    try:
        data = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return None
    return data if len(data) == _KEY_BYTES else None


def _private(path: Path) -> Ed25519PrivateKey:
    """Open a private key; the passphrase is asked for where it needs one."""
    data = _read(path)
    try:
        return private_key_from_pem(data)
    except KeyFileError:
        if b"ENCRYPTED" not in data:
            raise
    hidden = sys.stdin.isatty()
    words = typer.prompt("Passphrase of the key", hide_input=hidden, err=True)
    return private_key_from_pem(data, passphrase=words.encode())


def _range(report: Report) -> str:
    return f"records up to {report.head.index} of license {report.serial or 'none'}"


def _facts(report: Report) -> dict[str, object]:
    totals = report.totals
    return {
        "serial": report.serial,
        "install_key": report.install_key.hex(),
        "level": report.level.name.lower(),
        "start": report.start.index,
        "head": report.head.index,
        "head_digest": report.head.digest.hex(),
        "since_s": report.since_s,
        "until_s": report.until_s,
        "totals": {name: getattr(totals, name) for name in type(totals).__slots__},
        "hidden_rows": report.hidden_rows,
        "breaks": [list(one) for one in report.breaks],
        "signers": [short_id(one) for one in report.signers],
        "unknown_signers": [short_id(one) for one in report.unknown_signers],
    }
