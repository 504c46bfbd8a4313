"""`anechoic license simulate`, `drill`, `extend` and `confirm-clock`."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated

import typer

from installer.cli.license_results import simulation_lines
from installer.cli.license_words import license_rows
from installer.cli.output import confirm, print_json, print_mapping, refusals
from installer.client import EngineClient
from installer.errors import REHEARSAL_INVALID, InstallerError
from installer.license_bodies import SWAPS
from installer.protocol import SimulateBody

__all__ = ["confirm_clock", "drill", "extend", "operator_uid", "simulate"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def simulate(
    *,
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="DATE", help="The date to look at, UTC; usually now."
        ),
    ] = "",
    clock: Annotated[
        str,
        typer.Option(
            "--clock",
            metavar="CLOCK",
            help="What the clock shows then: 1970, 2099-01-01, +5d, -12h; it is wrong "
            "from now on, or as long as said: '+5d for 20h'.",
        ),
    ] = "",
    swap: Annotated[
        str,
        typer.Option(
            "--swap", metavar="PARTS", help=f"Exchanged parts: {', '.join(SWAPS)}."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Rehearse a date, a wrong clock, exchanged parts; nothing is changed.

    The answer comes from the code that decides in production, starting from what
    the license service remembers now.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        body = SimulateBody(
            at=_date(at),
            clock=clock[:40],
            swaps=tuple(filter(None, (one.strip() for one in swap.split(",")))),
        )
        found = client.simulate(body)
    if as_json:
        print_json(found)
        return
    for line in simulation_lines(found):
        typer.echo(line)


def drill(
    *,
    minutes: Annotated[
        int, typer.Option("--minutes", min=0, max=60, help="For how long; 0 ends it.")
    ] = 10,
    as_json: Json = False,
) -> None:
    """Show what an ended license looks like for some minutes; service goes on."""
    with refusals(as_json=as_json), EngineClient() as client:
        found = client.drill(minutes)
    if as_json:
        print_mapping(found)
    elif minutes:
        typer.echo(
            f"For {minutes} min every screen, metric and answer shows grace, marked as "
            "a drill. Nothing is refused. `anechoic license drill --minutes 0` ends it."
        )
    else:
        typer.echo("The drill has ended.")


def extend(
    code: Annotated[str, typer.Argument(help="The emergency code, as read out.")],
    *,
    as_json: Json = False,
) -> None:
    """Extend full service by an emergency code of the vendor.

    Upper or lower case, blanks and dashes do not matter. The same code again
    changes nothing.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        found = client.extend_license(code)
    _tell(found, as_json=as_json)


def confirm_clock(
    *,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask: the clock is right.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Confirm that date and time of this host are right.

    After a jump of the clock the license service waits a day before it believes a
    later date; this ends the waiting. It is noted in the usage ledger.
    """
    if not yes:
        now = datetime.now(UTC)
        confirm(f"Is it {now:%A, %Y-%m-%d %H:%M} UTC?", default=False)
    with refusals(as_json=as_json), EngineClient() as client:
        found = client.confirm_clock(operator_uid())
    _tell(found, as_json=as_json)


def operator_uid() -> int:
    """Return who asks: the user behind sudo, else our own."""
    behind = os.environ.get("SUDO_UID", "")
    known = behind.isascii() and behind.isdecimal() and len(behind) < len("4294967296")
    return int(behind) if known else os.getuid()


def _tell(found: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_mapping(found)
        return
    for name, value in license_rows(found):  # type: ignore[arg-type]
        typer.echo(f"{name:<18} {value}")


def _date(text: str) -> datetime | None:
    """Read a date, or a date with a time, as UTC.

    Raises:
        InstallerError: it is no date.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InstallerError(REHEARSAL_INVALID, f"at: {error}") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
