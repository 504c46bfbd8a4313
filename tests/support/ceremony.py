"""People who hold a key ceremony: in this process, or on the program's stdin."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NAMES", "OFFICE", "People", "secret_of", "talk_to"]

NAMES = ("Ada", "Grace", "Hedy")
OFFICE = "the office has these six words"


def secret_of(name: str) -> str:
    """Return the passphrase of a custodian."""
    return f"correct horse battery {name}"


@dataclass
class People:
    """They answer each question by its words, and can be told to answer wrongly.

    Attributes:
        media: holds one folder for each custodian's medium.
        first: answers to give first to the questions with these words.
        said, asked: what the ceremony has shown.
    """

    media: Path
    first: dict[str, list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _name: str = ""
    _card: str = ""

    def say(self, text: str = "") -> None:
        """Take note of what is shown."""
        self.said.append(text)
        if found := re.search(r"CUSTODIAN (\d)", text):
            self._name = NAMES[int(found[1]) - 1]
        elif "for the office" in text:
            self._name = ""
        elif found := re.fullmatch(r" +(?:[0-9A-F]{4} ){7}([0-9A-F]{4})", text):
            self._card = found[1]

    def ask(self, question: str) -> str:
        """Answer."""
        self.asked.append(question)
        if found := re.search(r"of (\w+)(: put it in|\?)", question):
            self._name = found[1] if found[1] in NAMES else self._name
        for words, answers in self.first.items():
            if words in question and answers:
                return answers.pop(0)
        return self._answer(question)

    def secret(self, question: str) -> bytes:
        """Answer without showing it."""
        return self.ask(question).encode()

    def _answer(self, question: str) -> str:
        answers = {
            "Folder": str(self.media / self._name),
            "assphrase": secret_of(self._name) if self._name else OFFICE,
            "Again?": secret_of(self._name) if self._name else OFFICE,
            "witness": "Joan",
            "Name?": self._name,
            "last group": self._card,
            "Which two": "1 3",
            "GO ON": "GO ON",
        }
        return next((a for words, a in answers.items() if words in question), "")


def talk_to(people: People, *arguments: str, env: dict[str, str]) -> tuple[int, str]:
    """Run `anechoic-vendor` and let people answer it on stdin.

    Returns:
        Exit status and everything that was shown.
    """
    program = "import sys; from appliance.vendor.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **env},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        shown, line = "", ""
        while piece := os.read(process.stdout.fileno(), 4096).decode():
            shown += piece
            *lines, line = (line + piece).split("\n")
            for one in lines:
                people.say(one)
            if line.endswith(("? ", ": ", ". ", ") ")):
                process.stdin.write(f"{people.ask(line.strip())}\n".encode())
                process.stdin.flush()
                line = ""
        process.stdin.close()
    return process.returncode, shown
