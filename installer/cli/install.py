"""`anechoic install`, `uninstall`, `watch` and `preflight`."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from installer.cli.follow import follow
from installer.cli.output import (
    check_line,
    count,
    print_findings,
    print_json,
    refusals,
    refuse_usage,
    size,
)
from installer.cli.settings_flags import gather_settings
from installer.client import EngineClient, EngineRefusedError
from installer.errors import NO_OPERATION, NOT_INSTALLED, InstallerError
from installer.exit_codes import ExitCode
from installer.findings import Severity, worst
from installer.protocol import OperationRequest

__all__ = ["install", "preflight", "uninstall", "watch"]

_LEAVES_S = 8.0
"""How long a removal waits for the engine, which leaves when nothing is left."""

Answers = Annotated[
    Path | None,
    typer.Option(
        "--answers",
        metavar="FILE",
        help="Answers file (TOML); `anechoic answers schema` describes it.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]
Plain = Annotated[
    bool, typer.Option("--plain", help="Print plain lines; this is the default here.")
]


def install(
    medium: Annotated[
        Path | None,
        typer.Argument(metavar="MEDIUM", help="Folder of the release medium."),
    ] = None,
    *,
    answers: Answers = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and its findings only.")
    ] = False,
    as_json: Json = False,
    plain: Plain = False,
    flags: dict[str, str],
) -> None:
    """Install the appliance from a release medium, or carry on with it.

    The work is done by anechoicd: Ctrl+C or a lost connection stops nothing, and the
    same command again carries on after a failure without repeating finished steps.
    """
    del plain
    with refusals(as_json=as_json), EngineClient() as client:
        settings = gather_settings(answers, flags, medium)
        if dry_run:
            raise typer.Exit(_plan(client, settings, as_json=as_json))
        operation = client.install(settings)
        code = follow(client, operation, as_json=as_json)
        if code is ExitCode.OK and not as_json:
            status = client.status()
            typer.echo(f"Installed. API {status.api_url}")
            typer.echo(f"Dashboard {status.dashboard_url}, on this host only.")
            typer.echo("Next: `anechoic keys create NAME` makes an API key.")
    raise typer.Exit(code)


def _plan(client: EngineClient, settings: object, *, as_json: bool) -> ExitCode:
    plan = client.plan(settings)  # type: ignore[arg-type]
    if as_json:
        print_json(plan)
    else:
        for number, step in enumerate(plan.steps, start=1):
            amount = f" ({size(step.size_bytes)})" if step.size_bytes else ""
            typer.echo(f"{number:>2} {step.title}{amount}")
        typer.echo(
            f"{size(plan.total_bytes)} to read, about {plan.total_estimate_s:.0f} s"
        )
        print_findings(plan.findings)
    errors = [f for f in plan.findings if f.severity is Severity.ERROR]
    return ExitCode.PREFLIGHT if errors else ExitCode.OK


def uninstall(
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask for the host's name.")
    ] = False,
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Remove the license, its install key and the pinned trust too; a "
            "later install then needs a new license.",
        ),
    ] = False,
    as_json: Json = False,
    plain: Plain = False,
) -> None:
    """Remove everything that the installation wrote; license and trust are kept."""
    del plain
    if not yes:
        _confirm()
    request = OperationRequest(kind="uninstall", keep_license=not purge)
    with refusals(as_json=as_json), EngineClient() as client:
        try:
            operation = client.start(request)
        except EngineRefusedError as error:
            if error.code != NOT_INSTALLED.code:
                raise
            typer.echo("Nothing is installed.", err=as_json)
            client.wait_gone(_LEAVES_S)
            return
        code = follow(client, operation, as_json=as_json)
        if code is ExitCode.OK:
            client.wait_gone(_LEAVES_S)
    raise typer.Exit(code)


def _confirm() -> None:
    name = socket.gethostname()
    if not sys.stdin.isatty():
        refuse_usage("Nobody can be asked here; give --yes to remove the appliance.")
    typed = typer.prompt(f"This removes the appliance. Type the host's name ({name})")
    if typed.strip() != name:
        refuse_usage("That is not the host's name; nothing was changed.")


def watch(*, as_json: Json = False) -> None:
    """Follow the running operation, or show how the last one ended."""
    with refusals(as_json=as_json), EngineClient() as client:
        operation = client.current_operation()
        if operation is None:
            raise InstallerError(NO_OPERATION, "none has run on this host")
        code = follow(client, operation, as_json=as_json)
    raise typer.Exit(code)


def preflight(
    *, answers: Answers = None, as_json: Json = False, flags: dict[str, str]
) -> None:
    """Check whether this host can carry the appliance; nothing is changed."""
    with refusals(as_json=as_json), EngineClient() as client:
        body = client.examine(gather_settings(answers, flags))
    findings = body.findings
    if as_json:
        print_json(body)
    else:
        for check in body.checks:
            typer.echo(check_line(check))
        print_findings(findings)
        typer.echo(count(len(findings), "finding") if findings else "No findings.")
    stop = worst(findings) is Severity.ERROR
    raise typer.Exit(ExitCode.PREFLIGHT if stop else ExitCode.OK)
