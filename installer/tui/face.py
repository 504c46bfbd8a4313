"""Decide once, at start, how much the terminal can be trusted with.

Rich terminals get line glyphs, true color and the mouse. The Linux console,
serial lines and anything without UTF-8 get the basic face: ASCII only, the 16
console colors, no mouse codes, and a slow refresh that a 9 600 baud line can
carry. `NO_COLOR` keeps the glyphs and drops every color.
"""

from collections.abc import Mapping
from dataclasses import dataclass

BASIC_TERMS = ("linux", "vt", "ansi", "cons25", "dumb", "unknown", "wy", "sun")
SERIAL_TTYS = ("ttyS", "ttyUSB", "ttyAMA", "ttyACM", "hvc", "ttysclp", "ttyGS")


@dataclass(frozen=True, slots=True)
class Face:
    """How the terminal is used: glyph table, color, mouse, refresh in seconds.

    Attributes:
        utf8: it takes letters beyond ASCII, such as the half blocks of a QR code.
    """

    basic: bool = False
    color: bool = True
    serial: bool = False
    utf8: bool = True

    @property
    def mouse(self) -> bool:
        """Return whether mouse reporting may be switched on."""
        return not self.basic

    @property
    def interval_s(self) -> int:
        """Return the refresh interval to start with, in seconds."""
        return 5 if self.serial else 2

    @property
    def theme(self) -> str:
        """Return the theme to start with."""
        return "ansi-dark" if self.basic or not self.color else "anechoic-dark"


def choose_face(env: Mapping[str, str], tty_name: str = "") -> Face:
    """Choose the face for this terminal.

    Args:
        env: the process environment. `ANECHOIC_FACE=basic` or `rich` overrules
            what is found.
        tty_name: the path of the terminal, such as /dev/ttyS0; empty if unknown.
    """
    serial = tty_name.removeprefix("/dev/").startswith(SERIAL_TTYS)
    basic = serial or _poor_term(env) or not _utf8(env)
    match env.get("ANECHOIC_FACE", ""):
        case "basic":
            basic = True
        case "rich":
            basic = False
        case _:
            pass
    return Face(
        basic=basic, color="NO_COLOR" not in env, serial=serial, utf8=_utf8(env)
    )


def textual_environment(face: Face) -> dict[str, str]:
    """Return what must stand in the environment before Textual is imported."""
    quiet = {"TEXTUAL_ANIMATIONS": "none"}
    return {**quiet, "TEXTUAL_DISABLE_KITTY_KEY": "1"} if face.basic else quiet


def _poor_term(env: Mapping[str, str]) -> bool:
    term = env.get("TERM", "")
    return not term or term.startswith(BASIC_TERMS)


def _utf8(env: Mapping[str, str]) -> bool:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := env.get(name):
            return "utf-8" in value.lower() or "utf8" in value.lower()
    return True
