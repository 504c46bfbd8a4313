"""`anechoic license install`: whatever was carried in, in every state."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from appliance.license_files import read_small
from installer.carried import LICENSES, find_files, places
from installer.cli.license_results import change_lines, summary_lines
from installer.cli.output import (
    confirm,
    fail,
    print_findings,
    print_json,
    refusals,
    refuse_usage,
)
from installer.client import EngineClient
from installer.errors import (
    LICENSE_LOSES,
    LICENSE_UNREADABLE,
    NOTHING_CARRIED,
    InstallerError,
)
from installer.findings import Finding
from offline_license.errors import LicenseError
from offline_license.intake import PartialFrames, recognize
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.protocol import LicenseSummary

__all__ = ["collect_paste", "install", "read_carried"]

_STDIN = Path("-")
_END = "-----END "
_AGREED = "YES"


def install(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The license or response; - is standard input. Without it, the "
            "first one on what is mounted is offered.",
        ),
    ] = None,
    *,
    paste: Annotated[
        bool,
        typer.Option(
            "--paste",
            help="Take pasted text, the text of QR codes, what a scanner types, or "
            "an emergency code.",
        ),
    ] = False,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Take it also when it grants less than before."
        ),
    ] = False,
    medium: Annotated[
        Path | None,
        typer.Option(
            "--medium", metavar="FOLDER", help="Judge it by this release medium."
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option("--trust", metavar="FILE", help="The anchor file of the vendor."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take the file that was found.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put a license in force; services take it up without a restart.

    It works in every state, also before anything is installed (name the medium
    then). The same license again changes nothing; an older one is refused. What
    would be lost is shown and has to be accepted.
    """
    with refusals(as_json=as_json), EngineClient() as client:
        data = _carried(file, paste=paste, yes=yes)
        judged_by = {
            "medium": str(medium.absolute()) if medium else None,
            "trust": str(trust.absolute()) if trust else None,
        }
        found = client.check_license_bytes(data, **judged_by)
        if found.losses and not accept_loss:
            accept_loss = _accepts(found, as_json=as_json)
        summary = client.install_license_bytes(data, accept_loss, **judged_by)
    if as_json:
        print_json(summary)
        return
    for line in (*change_lines(summary), *summary_lines(summary)):
        typer.echo(line)
    print_findings(summary.findings)


def _carried(file: Path | None, *, paste: bool, yes: bool) -> bytes:
    if paste:
        return _pasted()
    if file is None:
        file = _found(yes=yes)
    return read_carried(file)


def read_carried(file: Path) -> bytes:
    """Read a file that was carried in, or standard input; giants are refused.

    Raises:
        SizeError: it is no regular file, or too large.
        InstallerError: it cannot be read.
    """
    if file == _STDIN:
        return sys.stdin.buffer.read(TOLERANCES.object_bytes + 1)
    try:
        return read_small(file)
    except OSError as error:
        raise InstallerError(LICENSE_UNREADABLE, f"{file}: {error.strerror}") from error


def _found(*, yes: bool) -> Path:
    """Offer the first license on what is mounted; nothing is read before."""
    roots = places()
    found = find_files(roots, *LICENSES)
    if not found:
        looked = ", ".join(map(str, roots))
        raise InstallerError(NOTHING_CARRIED, f"looked in {looked}")
    if not yes:
        confirm(f"Install {found[0]}?", default=True)
    return found[0]


def _pasted() -> bytes:
    if sys.stdin.isatty():
        typer.echo(
            "Paste or scan it, or type the code; end with an empty line or Ctrl+D.",
            err=True,
        )
    return collect_paste(sys.stdin)


def collect_paste(lines: Iterable[str]) -> bytes:
    """Take lines until something whole has come, or nothing more comes.

    A text with a mark at its end is whole there; everything else is ended by an
    empty line. Frames of a QR code may come in any order.
    """
    taken: list[str] = []
    for line in lines:
        taken.append(line.rstrip("\r\n"))
        text = "\n".join(taken).encode()
        if len(text) > TOLERANCES.object_bytes or line.lstrip().startswith(_END):
            break
        if not line.strip() and _is_whole(text):
            break
    return "\n".join(taken).encode()


def _is_whole(text: bytes) -> bool:
    try:
        found = recognize(text)
    except LicenseError:
        return False
    if isinstance(found, PartialFrames):
        missing = ", ".join(map(str, found.missing))
        typer.echo(f"Of {found.total} QR codes these are missing: {missing}", err=True)
        return False
    return True


def _accepts(found: LicenseSummary, *, as_json: bool) -> bool:
    """Show what would be lost and ask; without a terminal that is a refusal."""
    if as_json or not sys.stdin.isatty():
        evidence = f"{found.license_id} loses: {'; '.join(found.losses)}"
        fail((Finding.of(LICENSE_LOSES, evidence=evidence),), as_json=as_json)
    for line in change_lines(found):
        typer.echo(line)
    answer = typer.prompt(f"Type {_AGREED} to take it all the same", "", err=True)
    if answer != _AGREED:
        refuse_usage("Nothing was changed.")
    return True
