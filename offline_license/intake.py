"""Recognize what was carried in, whatever its form.

    file          binary object, or text between BEGIN and END
    QR            ANX:…  or frames ANX1/3:…, one on a line
    scanner       check line and lines of Crockford's base32
    telephone     an extension code

Nothing is trusted here: what is recognized says what it is, and its own reader verifies
it. The size is capped before anything is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from offline_license.armor import label_in, unarmor
from offline_license.cose import SIGN1_TAG, SIGN_TAG, ObjectType, check_size, type_of
from offline_license.errors import IntakeError
from offline_license.extension import read_code
from offline_license.frames import PartialFrames, begins_frames, read_frames
from offline_license.scanner import begins_scanner_text, read_scanner_text

__all__ = ["ExtensionCode", "Intake", "PartialFrames", "SignedObject", "recognize"]

_CODE_CHARS = 40
"""More than a typed code has with all its dashes and blanks."""


@dataclass(frozen=True, slots=True)
class SignedObject:
    """A signed object and what it says it is; nothing of it is verified."""

    type: ObjectType
    data: bytes


@dataclass(frozen=True, slots=True)
class ExtensionCode:
    """A code whose check characters are right."""

    text: str


Intake: TypeAlias = SignedObject | ExtensionCode | PartialFrames


def recognize(data: bytes) -> Intake:
    """Return what the bytes of a file, a paste or a scan are.

    Raises:
        SizeError: empty or too large.
        IntakeError: nothing that licensing knows.
        LicenseError: a known form that is damaged.
    """
    check_size(data)
    if data.startswith((SIGN1_TAG, SIGN_TAG)):
        return _signed(data)
    text = _text(data)
    if begins_frames(text):
        joined = read_frames(text)
        return joined if isinstance(joined, PartialFrames) else _signed(joined)
    if (label := label_in(text)) is not None:
        return _signed(unarmor(data, label))
    if len(text) <= _CODE_CHARS:
        read_code(text)
        return ExtensionCode(text)
    if begins_scanner_text(text):
        return _signed(read_scanner_text(text))
    raise IntakeError("expected a form of a license, response or code, found another")


def _signed(data: bytes) -> SignedObject:
    return SignedObject(type_of(data), data)


def _text(data: bytes) -> str:
    """Return the text without byte order mark and outer blanks."""
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise IntakeError("expected UTF-8 text or a signed object") from error
