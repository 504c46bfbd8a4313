"""Exit codes of ``anechoic``: one table, shown in docs/exit-codes.md.

``anechoic license status`` has codes of its own, one per license state.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Self

from installer.errors import (
    BUSY,
    ENGINE_UNREACHABLE,
    FRAMES_MISSING,
    LICENSE_LOSES,
    LICENSE_SILENT,
    LICENSE_TRIES,
    LICENSE_UNREADABLE,
    NO_MEDIUM,
    NO_OPERATION,
    NO_SUCH_KEY,
    NO_TRUST,
    NOT_INSTALLED,
    NOTHING_CARRIED,
    OTHER_TRUST,
    REHEARSAL_INVALID,
    REPORT_UNREADABLE,
    SETTINGS_INVALID,
    SETTINGS_UNREADABLE,
    UNEXPECTED,
    VERSION_MISMATCH,
)

if TYPE_CHECKING:
    from installer.findings import Finding

__all__ = ["ExitCode", "exit_code_for"]


class ExitCode(IntEnum):
    """How a command ended; the description is the text of the documentation."""

    description: str

    def __new__(cls, value: int, description: str) -> Self:
        """Attach the description to the number."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member

    OK = 0, "Done."
    INTERNAL = 1, "Unexpected internal error."
    USAGE = 2, "Wrong usage, or a setting that is not valid."
    PREFLIGHT = 3, "Preflight has findings of severity error."
    MEDIUM = 4, "The medium was refused."
    LICENSE = 5, "The license was refused."
    CONTAINER_ENGINE = 6, "Trouble with the container engine or with isolation."
    OPERATION = 7, "The operation failed or was interrupted; run again to carry on."
    BUSY = 8, "Another operation is running."
    NOT_READY = 9, "Not installed, or the engine anechoicd cannot be reached."
    DETACHED = 130, "Left by Ctrl+C; the engine goes on with the operation."


_BY_CODE = {
    SETTINGS_INVALID.code: ExitCode.USAGE,
    SETTINGS_UNREADABLE.code: ExitCode.USAGE,
    NO_MEDIUM.code: ExitCode.USAGE,
    NO_SUCH_KEY.code: ExitCode.USAGE,
    NOTHING_CARRIED.code: ExitCode.USAGE,
    REHEARSAL_INVALID.code: ExitCode.USAGE,
    REPORT_UNREADABLE.code: ExitCode.USAGE,
    LICENSE_UNREADABLE.code: ExitCode.LICENSE,
    LICENSE_LOSES.code: ExitCode.LICENSE,
    FRAMES_MISSING.code: ExitCode.LICENSE,
    LICENSE_TRIES.code: ExitCode.LICENSE,
    LICENSE_SILENT.code: ExitCode.NOT_READY,
    NO_TRUST.code: ExitCode.MEDIUM,
    OTHER_TRUST.code: ExitCode.MEDIUM,
    BUSY.code: ExitCode.BUSY,
    NOT_INSTALLED.code: ExitCode.NOT_READY,
    NO_OPERATION.code: ExitCode.NOT_READY,
    ENGINE_UNREACHABLE.code: ExitCode.NOT_READY,
    VERSION_MISMATCH.code: ExitCode.NOT_READY,
    UNEXPECTED.code: ExitCode.INTERNAL,
}

_BY_FAMILY = {
    "HOST": ExitCode.PREFLIGHT,
    "GPU": ExitCode.PREFLIGHT,
    "MED": ExitCode.MEDIUM,
    "LIC": ExitCode.LICENSE,
    "ENG": ExitCode.CONTAINER_ENGINE,
    "OP": ExitCode.OPERATION,
    "API": ExitCode.OPERATION,
}


def exit_code_for(finding: Finding) -> ExitCode:
    """Return the exit code of a command that ended with this finding."""
    return _BY_CODE.get(finding.code) or _BY_FAMILY[finding.code.split("-")[1]]
