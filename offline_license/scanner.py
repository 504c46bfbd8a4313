"""The printed form for a scanner that types like a keyboard.

It begins with a check line, the whole alphabet, and goes on with lines of at most 40
characters, each followed by 2 check characters of its number and content:

    0123456789ABCDEFGHJKMNPQRSTVWXYZ
    T89M1...                                  40 characters and 2 more

Where scanner and host think of different keyboards, Z may arrive as Y. The check line
shows what became of each character, and the rest is read accordingly.
"""

from __future__ import annotations

from offline_license import base32
from offline_license.errors import ScanError

__all__ = ["begins_scanner_text", "read_scanner_text", "scanner_text"]

_LINE = 40
_CHECK = 2
_HEAD = len(base32.ALPHABET)


def scanner_text(data: bytes) -> str:
    """Write an object: the check line, then numbered lines with check characters."""
    body = base32.encode(data)
    lines = [body[at : at + _LINE] for at in range(0, len(body), _LINE)]
    checked = [_checked(number, line) for number, line in enumerate(lines, 1)]
    return "\n".join([base32.ALPHABET, *checked, ""])


def begins_scanner_text(text: str) -> bool:
    """Tell whether a text begins with a check line, whatever the keyboard made of it.

    It is a line of 32 characters that are all different.
    """
    head = _typed(text)[:_HEAD]
    return len(set(head)) == _HEAD


def read_scanner_text(text: str) -> bytes:
    """Read what a scanner typed; line ends and blanks do not count.

    Raises:
        ScanError: there is no check line, or it names the first line that is damaged.
    """
    if not begins_scanner_text(text):
        raise ScanError(f"expected the check line {base32.ALPHABET} first")
    typed = _typed(text)
    keyboard = str.maketrans(typed[:_HEAD], base32.ALPHABET)
    plain, step = typed[_HEAD:].translate(keyboard), _LINE + _CHECK
    lines = [plain[at : at + step] for at in range(0, len(plain), step)]
    return base32.decode("".join(_content(*one) for one in enumerate(lines, 1)))


def _typed(text: str) -> str:
    return "".join(text.split()).upper()


def _checked(number: int, content: str) -> str:
    return content + base32.check(f"{number}:{content}")


def _content(number: int, line: str) -> str:
    content = line[:-_CHECK]
    if line != _checked(number, content):
        raise ScanError(f"expected line {number} as printed, found another")
    return content
