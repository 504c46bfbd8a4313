"""Errors of the operator's program, each with a code, a meaning and a remedy.

The table at the end is the only place where the ``ANX-OP`` codes are written;
a test compares it with docs/findings.md.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BUSY",
    "CANCELED",
    "ENGINE_DIED",
    "ENGINE_UNREACHABLE",
    "ERROR_KINDS",
    "FRAMES_MISSING",
    "INTERRUPTED",
    "JOURNAL_DAMAGED",
    "LICENSE_LOSES",
    "LICENSE_NOT_WRITTEN",
    "LICENSE_SILENT",
    "LICENSE_TRIES",
    "LICENSE_UNREADABLE",
    "NOTHING_CARRIED",
    "NOT_INSTALLED",
    "NO_MEDIUM",
    "NO_OPERATION",
    "NO_SUCH_KEY",
    "NO_TRUST",
    "OTHER_TRUST",
    "PROGRAM_ON_MEDIUM",
    "REHEARSAL_INVALID",
    "REPORT_UNREADABLE",
    "SERVICE_UNHEALTHY",
    "SETTINGS_INVALID",
    "SETTINGS_UNREADABLE",
    "UNEXPECTED",
    "VERSION_MISMATCH",
    "ErrorKind",
    "InstallerError",
]


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """What is always the same about one code."""

    code: str
    title: str
    meaning: str
    remedy: str


class InstallerError(Exception):
    """A failure that the operator can act on.

    Attributes:
        code, title, meaning, remedy: from the kind.
        evidence: what was expected and what was found.
    """

    def __init__(self, kind: ErrorKind, evidence: str) -> None:
        super().__init__(evidence)
        self.kind = kind
        self.code = kind.code
        self.title = kind.title
        self.meaning = kind.meaning
        self.remedy = kind.remedy
        self.evidence = evidence


SETTINGS_INVALID = ErrorKind(
    "ANX-OP-01",
    "A setting is not valid",
    "Nothing was changed: settings are checked before anything else.",
    "Correct the setting; `anechoic answers check FILE` names every error.",
)
SETTINGS_UNREADABLE = ErrorKind(
    "ANX-OP-02",
    "The answers file cannot be read",
    "Nothing was changed: the file was refused as a whole.",
    "Give a TOML file of at most 64 KiB; `anechoic answers schema` describes it.",
)
NO_MEDIUM = ErrorKind(
    "ANX-OP-03",
    "No release medium is given",
    "There is nothing to install from.",
    "Name the folder of the medium: `anechoic install MEDIUM`.",
)
BUSY = ErrorKind(
    "ANX-OP-04",
    "Another operation is running",
    "Two operations at once would disturb each other; yours was not started.",
    "Wait for its end, or watch it with `anechoic status` or `anechoic`.",
)
INTERRUPTED = ErrorKind(
    "ANX-OP-05",
    "The operation was interrupted",
    "Finished steps are kept; nothing half-done is used.",
    "Run the same command again: it carries on where it stopped.",
)
CANCELED = ErrorKind(
    "ANX-OP-06",
    "The operation was canceled",
    "It stopped at a safe point; finished steps are kept.",
    "Run the same command again to carry on, or `anechoic uninstall` to remove it.",
)
SERVICE_UNHEALTHY = ErrorKind(
    "ANX-OP-07",
    "A service did not become healthy",
    "The appliance is not ready to serve.",
    "Read the evidence, correct the cause, then run the same command again.",
)
NOT_INSTALLED = ErrorKind(
    "ANX-OP-08",
    "The appliance is not installed",
    "The command works on an installed appliance only.",
    "Install it first: `anechoic install MEDIUM`.",
)
ENGINE_UNREACHABLE = ErrorKind(
    "ANX-OP-09",
    "The engine anechoicd cannot be reached",
    "This program only shows what anechoicd does; nothing was changed.",
    "Run as root. Read the log named in the evidence, then try again.",
)
VERSION_MISMATCH = ErrorKind(
    "ANX-OP-10",
    "The running engine is of another version",
    "Program and engine may misunderstand each other, so nothing was sent.",
    "Stop the running anechoicd when no operation runs; it starts again by itself.",
)
NO_SUCH_KEY = ErrorKind(
    "ANX-OP-11",
    "There is no API key with this id",
    "No key was changed.",
    "List the keys with `anechoic keys list`.",
)
NO_OPERATION = ErrorKind(
    "ANX-OP-12",
    "There is no such operation",
    "There is nothing to watch or to cancel.",
    "Look at `anechoic status`.",
)
JOURNAL_DAMAGED = ErrorKind(
    "ANX-OP-13",
    "The journal of an operation is damaged",
    "Its finished steps are unknown, so each step is checked and done again.",
    "Check the disk. Run the same command again.",
)
ENGINE_DIED = ErrorKind(
    "ANX-OP-14",
    "The engine ended while it was watched",
    "The operation stopped where it was; its journal is on disk.",
    "Run the same command again: it carries on where it stopped.",
)
NO_TRUST = ErrorKind(
    "ANX-OP-17",
    "No trust anchor is given",
    "Without it nobody can say whose medium or license this is; it was not read.",
    "Give the anchor file of your vendor, carried apart from the medium: "
    "`--trust FILE`. Compare its fingerprint by telephone.",
)
OTHER_TRUST = ErrorKind(
    "ANX-OP-18",
    "Another trust anchor is pinned on this host",
    "This host believes another vendor than the one of the given anchor.",
    "Leave the anchor out to keep the pinned one. To change the vendor, uninstall "
    "with `anechoic uninstall --purge` first.",
)
LICENSE_UNREADABLE = ErrorKind(
    "ANX-OP-19",
    "The license file cannot be read",
    "Nothing was changed.",
    "Check the path and the medium it is on, then try again.",
)
LICENSE_LOSES = ErrorKind(
    "ANX-OP-21",
    "The license grants less than the one in force",
    "Nothing was changed: what would be lost has to be accepted first.",
    "If that is what was agreed, install it again with `--accept-loss`; else ask the "
    "vendor.",
)
LICENSE_SILENT = ErrorKind(
    "ANX-OP-22",
    "The license service does not answer",
    "Nothing was changed. Installing a license file works without it.",
    "Look at `anechoic status`: the service `license` must be running.",
)
LICENSE_TRIES = ErrorKind(
    "ANX-OP-23",
    "Too many codes were tried",
    "Codes are slowed down for a minute; license files are not.",
    "Wait, then have the code read out again, or install a license file.",
)
LICENSE_NOT_WRITTEN = ErrorKind(
    "ANX-OP-24",
    "The license cannot be written to the disk",
    "The license in force stays as it is.",
    "Make room on the disk of /var/lib/anechoic or repair it, then install again.",
)
NOTHING_CARRIED = ErrorKind(
    "ANX-OP-25",
    "No license was found on what is mounted",
    "Nothing was changed.",
    "Mount the medium below /media or /mnt, or name the file: "
    "`anechoic license install FILE`.",
)
REHEARSAL_INVALID = ErrorKind(
    "ANX-OP-26",
    "This cannot be rehearsed",
    "Nothing was looked at and nothing was changed.",
    "Give a date such as 2027-10-15, a clock such as 1970, +5d or -12h, and parts "
    "such as nic,gpu; `anechoic license simulate --help` lists them.",
)
FRAMES_MISSING = ErrorKind(
    "ANX-OP-27",
    "Some QR codes of this license are still missing",
    "Nothing was changed. A license may be spread over two or three codes.",
    "Scan the missing codes too, in any order, and give them all together.",
)
REPORT_UNREADABLE = ErrorKind(
    "ANX-OP-28",
    "A report or a public key cannot be read",
    "Nothing was changed.",
    "Check the path. A public key is a file of 32 bytes or 64 hexadecimal digits.",
)
PROGRAM_ON_MEDIUM = ErrorKind(
    "ANX-OP-29",
    "This program still runs from the medium",
    "The engine would die with the medium; nothing was changed.",
    "Run `anechoic setup` from the same folder as root, then use the command "
    "`anechoic` that it installs.",
)
UNEXPECTED = ErrorKind(
    "ANX-OP-99",
    "Unexpected internal error",
    "This is a fault of the program, not of this site.",
    "Keep the log of anechoicd and report it to the vendor.",
)

ERROR_KINDS: tuple[ErrorKind, ...] = (
    SETTINGS_INVALID,
    SETTINGS_UNREADABLE,
    NO_MEDIUM,
    BUSY,
    INTERRUPTED,
    CANCELED,
    SERVICE_UNHEALTHY,
    NOT_INSTALLED,
    ENGINE_UNREACHABLE,
    VERSION_MISMATCH,
    NO_SUCH_KEY,
    NO_OPERATION,
    JOURNAL_DAMAGED,
    ENGINE_DIED,
    NO_TRUST,
    OTHER_TRUST,
    LICENSE_UNREADABLE,
    LICENSE_LOSES,
    LICENSE_SILENT,
    LICENSE_TRIES,
    LICENSE_NOT_WRITTEN,
    NOTHING_CARRIED,
    REHEARSAL_INVALID,
    FRAMES_MISSING,
    REPORT_UNREADABLE,
    PROGRAM_ON_MEDIUM,
    UNEXPECTED,
)
