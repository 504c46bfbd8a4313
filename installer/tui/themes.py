"""The themes of the terminal face.

Three of our own (dark, light, high contrast) and Textual's two that use only
the sixteen console colors. Color repeats what a word already says.
"""

from typing import Final

from textual.theme import Theme

_DARK: Final = Theme(
    name="anechoic-dark",
    primary="#4fb8c4",
    secondary="#7f9fbf",
    accent="#e2a95b",
    success="#82c08a",
    warning="#e2a95b",
    error="#ec7a6f",
    foreground="#d6dde6",
    background="#10151b",
    surface="#161d25",
    panel="#202a35",
    dark=True,
    variables={"text-muted": "#8b99a9", "rail": "#33414f"},
)
_LIGHT: Final = Theme(
    name="anechoic-light",
    primary="#0b6e7b",
    secondary="#41607f",
    accent="#8a5200",
    success="#1f6b2e",
    warning="#8a5200",
    error="#a8261c",
    foreground="#1c232b",
    background="#f7f8f8",
    surface="#eceff0",
    panel="#dde3e6",
    dark=False,
    variables={"text-muted": "#55626e", "rail": "#b9c3c9"},
)
_CONTRAST: Final = Theme(
    name="anechoic-contrast",
    primary="#00ffff",
    secondary="#ffffff",
    accent="#ffff00",
    success="#00ff00",
    warning="#ffff00",
    error="#ff6060",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#2a2a2a",
    dark=True,
    variables={"text-muted": "#e0e0e0", "rail": "#ffffff"},
)

OWN_THEMES: Final = (_DARK, _LIGHT, _CONTRAST)
THEME_NAMES: Final = {
    "anechoic-dark": "dark",
    "anechoic-light": "light",
    "anechoic-contrast": "high contrast",
    "ansi-dark": "16 colors, dark",
    "ansi-light": "16 colors, light",
}
