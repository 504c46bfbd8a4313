"""`anechoic-vendor license`: issue, renew, revoke, extend, inspect, list."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from appliance.vendor import licensing
from appliance.vendor.cli.common import (
    DAY,
    Keys,
    Output,
    PassphraseFile,
    Replace,
    may_write,
    now_s,
    read,
    read_passphrase,
    write_output,
)
from appliance.vendor.keys import KeyFolder
from offline_license.dates import iso
from offline_license.model import Capacity

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("issue")
def license_issue(
    keys: Keys,
    request: Annotated[
        Path, typer.Option(help="Request file of the site.", dir_okay=False)
    ],
    customer: Annotated[str, typer.Option(help="Name shown to the operator.")],
    through: Annotated[
        datetime, typer.Option(help="Last day of validity.", formats=DAY)
    ],
    output: Output,
    grace_days: Annotated[
        int, typer.Option(help="Days of full service after the last day.")
    ] = 30,
    streams: Annotated[
        int | None, typer.Option(help="Concurrent streams; unlimited by default.")
    ] = None,
    replace: Replace = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Answer a site's request with a license bound to its host."""
    folder = KeyFolder(keys)
    folder.require()
    may_write(output, replace=replace)
    issued = licensing.issue_license(
        read(request),
        folder.license,
        read_passphrase(passphrase_file),
        licensing.LicenseTerms(
            licensee=customer,
            through=through.date(),
            grace_days=grace_days,
            capacity=Capacity(streams=streams),
            customer=customer,
        ),
        now=now_s(),
    )
    write_output(output, issued.text.encode())
    license_ = issued.license
    typer.echo(f"license        {output}")
    typer.echo(f"serial         {license_.serial}")
    typer.echo(f"valid through  {through.date()} (grace starts {iso(license_.exp)})")
    typer.echo(f"restricted     from {iso(license_.term)}")
