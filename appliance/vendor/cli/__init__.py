"""`anechoic-vendor`: keys, releases and licenses, on the vendor's machine only."""

import sys

import typer

from appliance.errors import ApplianceError
from appliance.vendor.cli import keys, license_acts, release, trust, usage
from appliance.vendor.show import show_error
from bundles.errors import BundleError
from offline_license.errors import LicenseError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Make keys, build signed release media and issue offline licenses.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(keys.app, name="keys", help="The keys of releases and licenses.")
app.add_typer(release.app, name="release", help="Release media.")
app.add_typer(license_acts.app, name="license", help="Offline licenses.")
app.add_typer(trust.app, name="trust", help="Trust updates for sites.")
app.add_typer(usage.app, name="usage", help="Usage reports of the sites.")


def main() -> None:
    """Run the program; a refusal ends with its finding and status 1."""
    try:
        app()
    except (ApplianceError, BundleError, LicenseError) as error:
        show_error(error)
        sys.exit(1)
