"""What each flag beside the state of a license means, and the next step.

One table serves the terminal, the web page and the plain lines. A flag never takes
anything away by itself; where one will in time, its words say when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FLAGS", "FlagWords", "flag_words"]


@dataclass(frozen=True, slots=True)
class FlagWords:
    """One flag in words.

    Attributes:
        title: what is so, in a few words.
        meaning: what follows from it, and what does not.
        step: what to do next.
        severity: how much it matters.
    """

    title: str
    meaning: str
    step: str
    severity: Severity = Severity.WARNING


FLAGS: Final[Mapping[str, FlagWords]] = {
    "CLOCK_BEHIND": FlagWords(
        "The clock is behind",
        "It shows a time that is known to be past. Licensing goes by the time that is "
        "proved; nothing is lost.",
        "Set the clock of this machine, then confirm date and time.",
    ),
    "CLOCK_JUMP": FlagWords(
        "The clock has jumped",
        "What the new date would take away waits until the clock has been steady for "
        "24 hours.",
        "Check date and time. If they are right, confirm them and the waiting ends.",
    ),
    "BIND_DRIFT": FlagWords(
        "A part of this machine was exchanged",
        "The machine is still recognized and the license stays in force.",
        "Make a request at the next renewal: the new license takes the new part in.",
        Severity.INFO,
    ),
    "BIND_MISMATCH": FlagWords(
        "This machine is not recognized",
        "Too many parts differ from those in the license. Service is full for 14 days "
        "of run time, then it is one task at a time.",
        "Make a request now; the answer is a license for this machine as it is.",
        Severity.ERROR,
    ),
    "OVERAGE": FlagWords(
        "More streams run than are licensed",
        "A quarter more is served for a day; above that new streams are refused. It is "
        "counted in the usage report.",
        "Let streams end, or ask the vendor for a larger license.",
    ),
    "REPORT_DUE": FlagWords(
        "A usage report is due",
        "The contract asks for it. Service does not depend on it.",
        "Write it with `anechoic report export`, read it, and send it to the vendor.",
    ),
    "LEDGER_GAP": FlagWords(
        "A stretch of usage was not recorded",
        "Records were lost, as after a power cut or on a full disk. Service goes on.",
        "Nothing at once: the next request tells the vendor. Look at the free disk.",
    ),
    "LEDGER_FORK": FlagWords(
        "The usage records differ from those the vendor has",
        "This happens when a backup or a copy of the machine was started. Service "
        "goes on.",
        "If you restored a backup, state it here; then send a usage report.",
    ),
    "KEYSET_STALE": FlagWords(
        "The vendor's public keys here are old",
        "The license in force stays; a coming one may need the newer keys.",
        "Install the vendor's answer to a request, or a newer medium: both carry them.",
        Severity.INFO,
    ),
    "STATE_REBUILT": FlagWords(
        "The memory of the license service was made anew",
        "It was lost or damaged; service went on and nothing was restricted.",
        "Nothing. If it comes back, have the disk checked.",
        Severity.INFO,
    ),
    "DRILL": FlagWords(
        "A drill of expiry runs",
        "Every screen and every alarm shows grace for some minutes. Nothing has ended.",
        "Nothing. It ends by itself, or on the page Rehearse.",
        Severity.INFO,
    ),
    "KEY_LOST": FlagWords(
        "The key of this installation was lost",
        "The license is for the lost key. Service is full for 72 hours of run time.",
        "Make a request now; the answer is a license for the new key.",
        Severity.ERROR,
    ),
}


def flag_words(name: str) -> FlagWords:
    """Return the words of a flag; one from a newer license service is shown too."""
    plain = name.lower().replace("_", " ").capitalize()
    unknown = FlagWords(
        plain,
        "The license service reports this; this program does not know it yet.",
        "Update this program, or ask the vendor.",
    )
    return FLAGS.get(name.upper(), unknown)
