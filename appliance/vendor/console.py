"""Questions and answers on a terminal, or line by line on a pipe.

On a terminal secrets are read without echo. On a pipe every answer is a line of stdin,
so that a rehearsal can be scripted and the tests run the very same ceremony.
"""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Protocol

from appliance.vendor.errors import CeremonyError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Console", "Terminal", "ask_until"]

_TRIES = 5


class Console(Protocol):
    """Where the people of a ceremony read and type."""

    def say(self, text: str = "") -> None:
        """Show lines."""

    def ask(self, question: str) -> str:
        """Ask and return the answer without outer blanks."""

    def secret(self, question: str) -> bytes:
        """Ask without showing the answer."""


class Terminal:
    """The program's own stdin and stdout."""

    def say(self, text: str = "") -> None:
        """Show lines."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def ask(self, question: str) -> str:
        """Ask and return the answer without outer blanks.

        Raises:
            CeremonyError: the input has ended.
        """
        sys.stdout.write(f"{question} ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise CeremonyError(f"expected an answer to {question!r}, found none")
        return line.strip()

    def secret(self, question: str) -> bytes:
        """Ask without showing the answer."""
        if not sys.stdin.isatty():
            return self.ask(question).encode()
        try:
            return getpass.getpass(f"{question} ").strip().encode()
        except EOFError as error:
            raise CeremonyError("expected a passphrase, found the end") from error


def ask_until(
    console: Console, ask: Callable[[], str], wrong: Callable[[str], str]
) -> str:
    """Ask until the answer is right, a few times.

    Args:
        console: where to say what was wrong.
        ask: asks once.
        wrong: says what is wrong with an answer; empty when nothing is.

    Raises:
        CeremonyError: no answer was right.
    """
    reason = ""
    for _ in range(_TRIES):
        answer = ask()
        reason = wrong(answer)
        if not reason:
            return answer
        console.say(f"  {reason}")
    raise CeremonyError(f"no right answer after {_TRIES} tries: {reason}")
