"""How a container program reads its settings: variables, secret files, and no core dumps.

Variables hold no secrets; secrets are files. A variable with our prefix that nobody reads is
an error, because a misspelled limit must not silently fall back to its default.
"""

import resource
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from appliance.errors import ApplianceError

PREFIX: Final = "ANECHOIC_"


class SettingError(ApplianceError):
    """A container was started with settings that make no sense."""

    code: ClassVar[str] = "ANX-API-60"
    title: ClassVar[str] = "A serving container has a wrong setting"
    meaning: ClassVar[str] = "The container stops at once instead of guessing."
    remedy: ClassVar[str] = "Correct the variable named in the message."


class Environment:
    """Reads variables one by one and knows which were never read."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Look at `variables`, usually those of the process."""
        self._variables = variables
        self._read: set[str] = set()

    def text(self, name: str, default: str | None = None) -> str:
        """Read a variable; without a default it is required."""
        self._read.add(name)
        value = self._variables.get(name, default)
        if value is None:
            raise SettingError(f"{name} is not set")
        return value

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """Read a whole number between `least` and `most`."""
        text = self.text(name, str(default))
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            raise SettingError(
                f"{name}: expected a whole number from {least} to {most}, found {text!r}"
            )
        return value

    def path(self, name: str, default: str | None = None) -> Path | None:
        """Read a path; the empty text means None."""
        text = self.text(name, default)
        return Path(text) if text else None

    def required_path(self, name: str, default: str | None = None) -> Path:
        """Read a path that must be given."""
        path = self.path(name, default)
        if path is None:
            raise SettingError(f"{name} is empty, a path was expected")
        return path

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Read one of a few words."""
        value = self.text(name, default)
        if value not in choices:
            raise SettingError(
                f"{name}: expected one of {', '.join(choices)}, found {value!r}"
            )
        return value

    def names(self, name: str, default: str) -> tuple[str, ...]:
        """Read a list separated by commas."""
        parts = (part.strip() for part in self.text(name, default).split(","))
        return tuple(part for part in parts if part)

    def finish(self) -> None:
        """Refuse variables with our prefix that nobody has read."""
        ours = {name for name in self._variables if name.startswith(PREFIX)}
        if unknown := sorted(ours - self._read):
            raise SettingError(f"{unknown[0]} is not a setting of this program")


def read_secret(path: Path) -> str:
    """Read a secret file without its trailing newline; the content is never shown."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"the secret file {path} cannot be read", evidence=type(error).__name__
        ) from error
    if not secret:
        raise SettingError(f"the secret file {path} is empty")
    return secret


def forbid_core_dumps() -> None:
    """Keep audio and text in memory out of crash dumps, for this process and its children."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
