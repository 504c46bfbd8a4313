"""`anechoic-vendor usage`: verify and take in what sites report."""

from pathlib import Path
from typing import Annotated

import typer

from appliance.vendor.cli.common import Keys, now_s, open_folder, read
from appliance.vendor.public_keys import read_public_key
from appliance.vendor.reports import Ingested, ingest_report
from appliance.vendor.show import show_error
from offline_license.keys import key_id, short_id
from offline_license.report import verify_report
from offline_license.report_view import report_text

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

ReportFile = Annotated[Path, typer.Argument(help="Report of a site; - is stdin.")]
Officers = Annotated[
    list[Path] | None,
    typer.Option(
        "--officer",
        help="Public key of an officer who must have signed too: PEM, 32 bytes or "
        "hexadecimal; repeat.",
    ),
]


@app.command("verify")
def usage_verify(
    file: ReportFile,
    key: Annotated[
        Path | None,
        typer.Option(
            help="Public install key of the site; without it the report proves that "
            "it is whole, not whose it is."
        ),
    ] = None,
    officer: Officers = None,
) -> None:
    """Verify a report with public keys alone, and show it."""
    public = None if key is None else read_public_key(key)
    officers = [read_public_key(path) for path in officer or ()]
    report = verify_report(read(file), public, officers)
    typer.echo(report_text(report), nl=False)
    if public is None:
        typer.echo(
            f"The key inside it is {short_id(key_id(report.install_key))}; "
            "compare it with the one of the site, or give --key."
        )


@app.command("ingest")
def usage_ingest(
    file: ReportFile,
    keys: Keys,
    officer: Officers = None,
    accept_branch: Annotated[
        str,
        typer.Option(
            help="Reason, after talking to the site, to go on in spite of a fork or a "
            "gap.",
        ),
    ] = "",
) -> None:
    """Take a report in; the next license of the site acknowledges it.

    Reports may overlap, and come twice. A fork (two copies of one installation) or a
    gap ends with status 1 and says what it may mean; the report is kept either way.
    """
    folder = open_folder(keys)
    taken = ingest_report(
        read(file),
        folder.license,
        now=now_s(),
        officers=[read_public_key(path) for path in officer or ()],
        reason=accept_branch,
    )
    _show(taken)
    if taken.finding is not None:
        show_error(taken.finding)
        raise typer.Exit(1)


def _show(taken: Ingested) -> None:
    report, fresh = taken.report, taken.fresh
    typer.echo(f"installation   {short_id(key_id(report.install_key))}")
    typer.echo(f"license        {', '.join(taken.serials)}")
    typer.echo(f"records        {report.start.index} to {report.head.index}")
    typer.echo(f"verdict        {taken.verdict.value.upper()}")
    typer.echo(f"counted now    {fresh.requests} requests, {_hours(fresh.audio_ms)}")
    typer.echo(f"acknowledged   up to record {taken.acknowledged.index}")
    for kid in report.signers[1:]:
        typer.echo(f"counter-signed {short_id(kid)}")
    for kid in report.unknown_signers:
        typer.echo(f"also signed by {short_id(kid)}, a key that was not given")


def _hours(audio_ms: int) -> str:
    return f"{audio_ms / 3_600_000:.2f} hours of audio"
