"""The questions of a key ceremony, each asked until its answer can be used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from appliance.vendor.console import ask_until
from appliance.vendor.license_keys import ROOT_THRESHOLD, ROOTS
from bundles.keys import MIN_PASSPHRASE_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.vendor.console import Console

__all__ = ["MEDIUM_FOLDER", "Questions", "Surroundings"]

MEDIUM_FOLDER: Final = "anechoic-root"
"""The folder on a custodian's medium."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the ceremony finds on the machine.

    Attributes:
        networks: names of network interfaces that are up, beside loopback.
        swap: whether memory may be written to a disk.
    """

    networks: tuple[str, ...] = ()
    swap: bool = False

    @classmethod
    def look(cls, root: Path = Path("/")) -> Surroundings:
        """Look at this machine."""
        links = sorted((root / "sys/class/net").glob("*/operstate"))
        up = [p.parent.name for p in links if p.read_text().strip() == "up"]
        swaps = root / "proc/swaps"
        lines = swaps.read_text().splitlines() if swaps.exists() else []
        return cls(tuple(name for name in up if name != "lo"), len(lines) > 1)


class Questions:
    """Asks people.

    Args:
        console: where they read and type.
        stage: folder where a rehearsal keeps what stands in for the media.
    """

    def __init__(self, console: Console, stage: Path | None) -> None:
        self._console = console
        self._stage = stage

    def name(self, question: str, taken: Sequence[str] = ()) -> str:
        """Ask for a name that nobody else has."""

        def wrong(answer: str) -> str:
            if not answer or not answer.isprintable():
                return "A name is needed for the transcript."
            return "This is somebody else already." if answer in taken else ""

        return ask_until(self._console, lambda: self._console.ask(question), wrong)

    def medium(self, number: int, question: str, *, new: bool) -> Path:
        """Ask for the folder of a medium; a rehearsal has a folder for it."""
        if self._stage is not None:
            self._console.ask(question)
            self._console.say("  Rehearsal: a temporary folder stands in for it.")
            stand_in = self._stage / f"medium-{number}"
            stand_in.mkdir(exist_ok=True)
            return stand_in

        def wrong(answer: str) -> str:
            if not answer or not Path(answer).is_dir():
                return "There is no such folder."
            has_keys = (Path(answer) / MEDIUM_FOLDER).exists()
            if new and has_keys:
                return "There are root keys on it already: it is somebody's medium."
            return "" if new or has_keys else "There are no root keys on it."

        return Path(
            ask_until(self._console, lambda: self._console.ask(question), wrong)
        )

    def passphrase(self, what: str, taken: Sequence[bytes]) -> bytes:
        """Ask twice for a passphrase of its own."""
        first = b""

        def ask() -> str:
            nonlocal first
            first = self._console.secret(f"Passphrase of the {what}, six random words?")
            return self._console.secret("Again?").decode()

        def wrong(again: str) -> str:
            if again.encode() != first:
                return "The two differ."
            if len(first) < MIN_PASSPHRASE_BYTES:
                return f"At least {MIN_PASSPHRASE_BYTES} characters are needed."
            return (
                "Everybody needs a passphrase of their own." if first in taken else ""
            )

        return ask_until(self._console, ask, wrong).encode()

    def confirm(self, fingerprint: str) -> None:
        """Have the last group typed from the paper: it was written down."""
        last = fingerprint.rpartition(" ")[2]
        question = "Write it on your card, then type its last group from the card:"
        ask_until(
            self._console,
            lambda: self._console.ask(question),
            lambda a: "" if a.upper() == last else "That is another group.",
        )

    def signers(self) -> tuple[int, ...]:
        """Ask which custodians sign."""
        answer = ask_until(
            self._console,
            lambda: self._console.ask("Which two? (such as 1 3)"),
            _wrong_pair,
        )
        return tuple(sorted(map(int, answer.split())))


def _wrong_pair(answer: str) -> str:
    numbers = answer.split()
    right = {str(number) for number in range(1, ROOTS + 1)}
    if len(set(numbers)) != ROOT_THRESHOLD or not set(numbers) <= right:
        return f"Name two different numbers from 1 to {ROOTS}."
    return ""
