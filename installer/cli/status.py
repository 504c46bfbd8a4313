"""`anechoic status` and `anechoic isolation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from installer.cli.license_words import license_sentences
from installer.cli.output import print_findings, print_json, refusals, size
from installer.client import EngineClient
from installer.exit_codes import ExitCode, exit_code_for
from installer.protocol import FindingsBody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.protocol import ServiceStatus, Status

__all__ = ["isolation", "status", "status_lines"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def status(*, as_json: Json = False) -> None:
    """Show what is installed, how it is, and what runs."""
    with refusals(as_json=as_json), EngineClient() as client:
        found = client.status()
    if as_json:
        print_json(found)
    else:
        for line in status_lines(found):
            typer.echo(line)
        print_findings(found.findings)
    raise typer.Exit(ExitCode.OK if found.installed else ExitCode.NOT_READY)


def status_lines(found: Status) -> Iterator[str]:
    """Write the status as lines."""
    if found.release is None:
        yield "Not installed. `anechoic install MEDIUM` installs."
    else:
        yield (
            f"Anechoic {found.release.product_version} "
            f"(release {found.release.release_seq}), "
            f"installed {found.release.installed_at:%Y-%m-%d %H:%M} UTC"
        )
        yield f"API        {found.api_url}"
        yield f"Dashboard  {found.dashboard_url}"
        first, *more = _license(found)
        yield f"License    {first}"
        yield from (f"           {line}" for line in more)
    if found.services:
        yield f"{'SERVICE':<10} {'STATE':<10} {'HEALTH':<10} {'CPU':>6}  MEMORY"
    for service in found.services:
        yield _service(service)
    if found.operation is not None:
        yield f"Last operation: {found.operation.kind} {found.operation.state}"


def _service(one: ServiceStatus) -> str:
    name = f"{one.name} {one.replica}" if one.name == "asr" else one.name
    cpu = "-" if one.cpu_percent is None else f"{one.cpu_percent:.0f} %"
    memory = "not available"
    if one.memory_bytes is not None and one.memory_limit_bytes is not None:
        memory = f"{size(one.memory_bytes)} of {size(one.memory_limit_bytes)}"
    return f"{name:<10} {one.state:<10} {one.health:<10} {cpu:>6}  {memory}"


def _license(found: Status) -> tuple[str, ...]:
    if found.license is None:
        return ("not available: the license service does not answer",)
    return license_sentences(found.license)


def isolation(*, as_json: Json = False) -> None:
    """Try every way out of every container, and report those that are open."""
    with refusals(as_json=as_json), EngineClient() as client:
        findings = client.isolation()
    if as_json:
        print_json(FindingsBody(findings=findings))
    else:
        print_findings(findings)
        typer.echo("Open ways were found." if findings else "Every way out is closed.")
    raise typer.Exit(exit_code_for(findings[0]) if findings else ExitCode.OK)
