"""Follow an emergency code while it is typed from the telephone. Pure functions.

The check characters tell a misheard character before anything is asked; characters
that are in no code are named at once.
"""

from dataclasses import dataclass
from typing import Final

from textual.content import Content

from installer.tui import paint
from installer.tui.glyphs import Glyphs
from offline_license.errors import ExtensionCodeError
from offline_license.extension import read_code

LENGTH: Final = 22
GROUP: Final = 4
_ALPHABET: Final = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_ALIKE: Final = str.maketrans("OIL", "011", "- \t")


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """What stands in the field, and what is to be said about it.

    Attributes:
        characters: the code so far, in capitals, without dashes.
        strange: characters that are in no code.
        right: whole, and the check characters fit.
    """

    characters: str
    strange: str
    right: bool

    @property
    def grouped(self) -> str:
        """Return the code as it is read out, with dots for what is to come."""
        filled = self.characters.ljust(LENGTH, ".")
        return "-".join(filled[at : at + GROUP] for at in range(0, len(filled), GROUP))


def look(words: str) -> CodeSeen:
    """Look at what was typed so far."""
    characters = words[:100].upper().translate(_ALIKE)
    strange = "".join(sorted(set(characters) - _ALPHABET))
    try:
        read_code(words)
    except ExtensionCodeError:
        return CodeSeen(characters, strange, right=False)
    return CodeSeen(characters, "", right=True)


def verdict(seen: CodeSeen) -> str:
    """Say how it stands, in a sentence."""
    missing = LENGTH - len(seen.characters)
    if seen.right:
        return "Complete, and the check characters fit."
    if seen.strange:
        return f"No code has {' '.join(seen.strange)}: have that spelled again."
    if missing > 0:
        return f"{missing} more {'character' if missing == 1 else 'characters'}."
    if missing < 0:
        return f"{-missing} too many: have it read out again."
    return "One was misheard: have it read out again."


def painted(seen: CodeSeen, glyphs: Glyphs) -> Content:
    """Return the code in groups and the verdict below it."""
    wrong = bool(seen.strange) or (not seen.right and len(seen.characters) >= LENGTH)
    mark, style = glyphs.pending, paint.MUTED
    if seen.right:
        mark, style = glyphs.done, "$success"
    elif wrong:
        mark, style = glyphs.failed, "bold $error"
    return Content.assemble(
        (seen.grouped, "bold"), "\n", (f"{mark} {verdict(seen)}", style)
    )
