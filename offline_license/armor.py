"""The text form of licenses, requests and what answers them, for paper and mail.

    -----BEGIN ANECHOIC LICENSE-----
    Licensee: Example GmbH
    Valid through: 2027-09-30
    Serial: 1F2E-3D4C/3

    0oRYGaMBMgRI...
    -----END ANECHOIC LICENSE-----

The readable lines are rendered again from the signed content and must be the same,
so that the paper which was approved is what is installed. Byte order mark, line
ends and blanks are normalized; everything else in the base64 is strict. Identity is
the SHA-256 of the decoded bytes, never of the text.
"""

from __future__ import annotations

import base64
import binascii
from enum import Enum
from typing import TYPE_CHECKING

from offline_license.cose import SIGN1_TAG, ObjectType, check_size, type_of
from offline_license.errors import (
    ArmorError,
    HeaderMismatchError,
    TrailingError,
    TypeMismatchError,
)
from offline_license.readable import READABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Label", "armor", "label_in", "unarmor"]

_WIDTH = 64
_BOM = b"\xef\xbb\xbf"


class Label(Enum):
    """What stands after BEGIN and END."""

    LICENSE = "ANECHOIC LICENSE"
    REQUEST = "ANECHOIC REQUEST"
    RESPONSE = "ANECHOIC RESPONSE"
    REVOCATIONS = "ANECHOIC REVOCATIONS"

    @property
    def begin(self) -> str:
        """The first line."""
        return f"-----BEGIN {self.value}-----"

    @property
    def end(self) -> str:
        """The last line."""
        return f"-----END {self.value}-----"


_LABELS = {
    ObjectType.LICENSE: Label.LICENSE,
    ObjectType.REQUEST: Label.REQUEST,
    ObjectType.MINI_REQUEST: Label.REQUEST,
    ObjectType.RESPONSE: Label.RESPONSE,
    ObjectType.REVOCATION: Label.REVOCATIONS,
}


def armor(data: bytes, label: Label) -> str:
    """Write an object as text with its readable lines.

    Raises:
        LicenseError: the bytes are no such object.
    """
    lines = [f"{name}: {value}" for name, value in _readable(data, label).items()]
    text = base64.b64encode(data).decode()
    body = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return "\n".join([label.begin, *lines, "", *body, label.end, ""])


def unarmor(data: bytes, label: Label) -> bytes:
    """Return the object's bytes from its text form, or from the bytes themselves.

    Args:
        data: a file, a paste, or the binary object.
        label: what is expected.

    Raises:
        SizeError: empty or too large.
        ArmorError: the text is damaged.
        HeaderMismatchError: the readable lines differ from the signed content.
        TrailingError: something follows the block.
        TypeMismatchError: it is the text of another kind of object.
        LicenseError: the object inside is damaged.
    """
    check_size(data)
    if data.startswith(SIGN1_TAG):
        return data
    lines = _block(_text(data), label)
    blank = lines.index("") if "" in lines else -1
    if blank < 0:
        raise ArmorError("expected an empty line after the readable lines")
    decoded = _base64("".join(lines[blank + 1 :]))
    _compare(lines[:blank], _readable(decoded, label))
    return decoded


def label_in(text: str) -> Label | None:
    """Return the label that a text begins with; None where there is none of ours."""
    first = _lines(text)[0]
    return next((label for label in Label if label.begin == first), None)


def _text(data: bytes) -> str:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArmorError("expected UTF-8 text or a binary license") from error


def _block(text: str, label: Label) -> list[str]:
    """Return the lines between the markers, without outer blanks."""
    lines, found = _lines(text), label_in(text)
    if found is None:
        raise ArmorError(f"expected {label.begin} as the first line")
    if found is not label:
        raise TypeMismatchError(f"expected {label.value}, found {found.value}")
    if label.end not in lines:
        raise ArmorError(f"expected {label.end} as the last line")
    end = lines.index(label.end)
    if end != len(lines) - 1:
        raise TrailingError(f"expected nothing after {label.end}")
    return lines[1:end]


def _lines(text: str) -> list[str]:
    """Return the lines with single blanks; at least one, which may be empty."""
    return [" ".join(line.split()) for line in text.strip().splitlines() or [""]]


def _base64(body: str) -> bytes:
    """Decode strictly: alphabet, padding and zero tail bits; blanks are dropped."""
    compact = "".join(body.split())
    try:
        decoded = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ArmorError("expected base64 between the markers") from error
    if base64.b64encode(decoded).decode() != compact:
        raise ArmorError("expected base64 with zero tail bits")
    return decoded


def _compare(lines: list[str], expected: Mapping[str, str]) -> None:
    found = dict(_split(line) for line in lines)
    if len(found) != len(lines) or found != expected:
        names = sorted({name for name, _ in set(found.items()) ^ set(expected.items())})
        raise HeaderMismatchError(
            "expected the readable lines to repeat the signed content, "
            f"found a difference in {', '.join(names) or 'a repeated line'}"
        )


def _split(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(": ")
    if not colon:
        raise ArmorError("expected readable lines of the form Name: value")
    return name, value


def _readable(data: bytes, label: Label) -> Mapping[str, str]:
    """Render the readable lines from an object, which must be one of this label."""
    type_ = type_of(data)
    if _LABELS.get(type_) is not label:
        raise TypeMismatchError(f"expected {label.value}, found a {_words(type_)}")
    return READABLE[type_](data)


def _words(type_: ObjectType) -> str:
    return type_.name.lower().replace("_", " ")
