"""What the commands share: options, the clock, passphrases, files."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from appliance.vendor.errors import PassphraseError
from appliance.vendor.keys import KeyFolder
from appliance.vendor.license_roots import RootFile, roots_in
from bundles.files import write_durably
from bundles.keys import MIN_PASSPHRASE_BYTES

__all__ = [
    "DAY",
    "Keys",
    "Output",
    "PassphraseFile",
    "Replace",
    "RootFiles",
    "RootPassphraseFiles",
    "day",
    "may_write",
    "now",
    "now_s",
    "open_folder",
    "read",
    "read_passphrase",
    "root_files",
    "utc",
    "write_output",
]

DAY = ["%Y-%m-%d"]

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
Output = Annotated[Path, typer.Option(help="File to write.", dir_okay=False)]
Replace = Annotated[bool, typer.Option("--replace", help="Replace an existing file.")]
RootFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--root",
        help="Root key on a custodian's medium; give two. Those in the folder of "
        "the keys are used otherwise.",
        dir_okay=False,
    ),
]
RootPassphraseFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--root-passphrase-file",
        help="File with the passphrase of each --root, in the same order; without "
        "them you are asked.",
        dir_okay=False,
    ),
]


def now() -> datetime:
    """Return the time, or that of a build that can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.replace(microsecond=0)


def now_s() -> int:
    """Return the time in seconds UTC."""
    return int(now().timestamp())


def open_folder(keys: Path) -> KeyFolder:
    """Return a key folder that is one.

    Raises:
        KeyFolderError: it is none.
    """
    folder = KeyFolder(keys)
    folder.require()
    return folder


def utc(value: datetime | None) -> datetime | None:
    """Take a time that was typed as UTC."""
    return None if value is None else value.replace(tzinfo=UTC)


def day(value: datetime | None) -> date | None:
    """Return the day that was typed."""
    return None if value is None else value.date()


def read(path: Path) -> bytes:
    """Read a file, or stdin for ``-``."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error


def read_passphrase(
    file: Path | None, *, new: bool = False, of: str = "the keys"
) -> bytes:
    """Read a passphrase from a file or a prompt, never from the command line.

    Args:
        file: None asks.
        new: ask twice, and hold it to a least length.
        of: what it belongs to.

    Raises:
        PassphraseError: a new one is too short.
    """
    if file is not None:
        secret = read(file).rstrip(b"\r\n")
    else:
        text: str = typer.prompt(
            f"Passphrase of {of}", hide_input=True, confirmation_prompt=new
        )
        secret = text.encode()
    if new and len(secret) < MIN_PASSPHRASE_BYTES:
        raise PassphraseError(
            f"expected at least {MIN_PASSPHRASE_BYTES} bytes, found {len(secret)}"
        )
    return secret


def root_files(
    directory: Path,
    passphrase: bytes,
    paths: Sequence[Path] | None,
    passphrase_files: Sequence[Path] | None,
) -> tuple[RootFile, ...]:
    """Return the root keys to sign with: those on media, then those in the folder."""
    files = [*(passphrase_files or ()), *([None] * len(paths or ()))]
    on_media = tuple(
        RootFile(path, read_passphrase(file, of=str(path)))
        for path, file in zip(paths or (), files, strict=False)
    )
    return (*on_media, *roots_in(directory, passphrase))


def may_write(output: Path | None, *, replace: bool) -> None:
    """Refuse to replace a file unless told to, before anything is signed."""
    if output is not None and output.exists() and not replace:
        raise typer.BadParameter(f"{output} exists; add --replace", param_hint="output")


def write_output(output: Path, data: bytes) -> None:
    """Write a file that can be read by others; what is signed is no secret."""
    write_durably(output, data)
