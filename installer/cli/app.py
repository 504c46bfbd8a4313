"""The command tree of `anechoic`.

Nothing here imports textual: the full-screen program is loaded only when it is
opened on a terminal that can show it.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from installer.cli import (
    answers,
    bundle,
    engine,
    keys,
    license,  # noqa: A004  our verb
    report,
    status,
    trust,
)
from installer.cli.install import install, preflight, uninstall, watch
from installer.cli.output import fail_unexpected, refusals
from installer.cli.passport import passport
from installer.cli.settings_flags import with_setting_flags
from installer.cli.setup import setup
from installer.client import EngineClient
from installer.findings import Finding
from installer.version import PRODUCT_VERSION

__all__ = ["app", "main"]

app = typer.Typer(
    help=(
        "Install, look at and remove the Anechoic speech-to-text appliance.\n\n"
        "Without a command it opens the full-screen program, or prints the status "
        "where there is no terminal for it. Exit codes are in docs/exit-codes.md."
    ),
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
app.command()(with_setting_flags(install, without=("medium",)))
app.command()(setup)
app.command()(uninstall)
app.command()(watch)
app.command()(passport)
app.command()(with_setting_flags(preflight, without=("medium", "trust", "license")))
app.command()(status.status)
app.command()(status.isolation)
app.add_typer(keys.app, name="keys")
app.add_typer(license.app, name="license")
app.add_typer(report.app, name="report")
app.add_typer(bundle.app, name="bundle")
app.add_typer(trust.app, name="trust")
app.add_typer(answers.app, name="answers")
app.add_typer(engine.app, name="engine")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"anechoic {PRODUCT_VERSION}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    *,
    plain: Annotated[
        bool, typer.Option("--plain", help="Never open the full-screen program.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Open the full-screen program when no command is given."""
    del version
    if context.invoked_subcommand is None:
        _open(plain=plain)


def _open(*, plain: bool) -> None:
    from installer.tui.run import can_run, run_tui  # noqa: PLC0415  only when opened

    capable = can_run(
        os.environ, stdin_tty=sys.stdin.isatty(), stdout_tty=sys.stdout.isatty()
    )
    if plain or not capable:
        status.status()
        return
    with refusals(as_json=False), EngineClient() as client:
        client.status()
        raise typer.Exit(run_tui(client))


def main() -> None:
    """Run the command; an unexpected error ends with one finding and code 1."""
    try:
        app()
    except Exception as error:  # noqa: BLE001  the last line of defense
        fail_unexpected(Finding.from_error(error), error)
